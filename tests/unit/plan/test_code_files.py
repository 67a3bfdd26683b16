"""The code that a plan names is part of what is driven."""

from __future__ import annotations

STEP = '[[workflows.visit]]\npython = "own.flows:send"\n'


def test_other_code_is_another_load(load, valid, tmp_path):
    digests = {load(valid + STEP).load_digest}
    (tmp_path / "own").mkdir()
    for text in ("a = 1\n", "a = 2\n", "a = 1\n"):
        (tmp_path / "own" / "flows.py").write_text(text)
        digests.add(load(valid + STEP).load_digest)

    assert len(digests) == 3


def test_code_is_read_and_never_run(load, valid, tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "flows.py").write_text("raise SystemExit\n")

    assert load(valid + STEP).digest

"""Failures that are the generator's own are told from those of the target."""

from __future__ import annotations

import errno
import os

import pytest

from wedload.metrics.catalogue import Catalogue, Phase, Series
from wedload.metrics.recorder import Recorder
from wedload.verdict.collected import Collected
from wedload.verdict.exhaustion import exhaustion_findings


@pytest.mark.parametrize(
    ("outcome", "code", "kind", "remedy"),
    [
        ("no_port", errno.EADDRNOTAVAIL, "ports-exhausted", "net.ipv4.ip_local_port_range"),
        ("no_file", errno.EMFILE, "files-exhausted", "ulimit -n"),
        ("no_file_anywhere", errno.ENFILE, "files-exhausted", "fs.file-max"),
    ],
)
def test_exhausted_resource_invalidates_with_its_number_and_remedy(outcome, code, kind, remedy):
    (found,) = exhaustion_findings({outcome: 1_234, "connect": 5, "ok": 9})

    assert (found.kind, found.invalidates) == (kind, True)
    assert found.message.startswith(f"1,234 requests failed ({os.strerror(code)}), as ")
    assert remedy in found.message


@pytest.mark.parametrize("outcome", ["ok", "connect", "reset", "status"])
def test_other_failures_are_the_targets_own(outcome):
    assert list(exhaustion_findings({outcome: 10})) == []


def test_they_are_counted_however_many_texts_explain_failures():
    """Beyond some texts a flush the recorder keeps only how many more there were."""
    catalogue = Catalogue()
    phase = catalogue.add_phase(Phase("main"))
    step = catalogue.add_series(Series("main", "visit", "look"))
    recorder = Recorder()
    collected = Collected.of(catalogue, {}, workers=1, schedule_s=10, arrivals=False)
    for number in range(1_000):
        recorder.note(f"look: something that is different each time, {number}")
    recorder.count(step, "http_reqs", phase, "no_file", by=920)
    recorder.note(f"look: http://127.0.0.1: {os.strerror(errno.EMFILE)}")
    recorder.count(step, "http_reqs", phase, "ok", by=99_080)
    collected.add(recorder.flush(0, 0, {}))

    _, verdict = collected.judged([], load_s=10)

    assert verdict.outcome == "invalid"
    assert [one.kind for one in verdict.findings] == ["files-exhausted"]

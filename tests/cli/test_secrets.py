"""Secrets of the environment: sent where the plan says, and found nowhere else."""

from __future__ import annotations

from urllib.parse import quote

import pytest

CANARY = "canary-7f3a/9+secret"


def assert_absent(wedload, done) -> None:
    """Neither printed nor stored, as it is or percent-encoded."""
    texts = {"stdout": done.out, "stderr": done.err}
    for folder in (wedload.folder, wedload.temporary):
        for path in folder.rglob("*"):
            if path.is_file():
                texts[str(path)] = path.read_bytes().decode("latin-1")
    for where, text in texts.items():
        for form in (CANARY, quote(CANARY, safe="")):
            assert form not in text, f"{form} in {where}: {text[:2000]}"


def test_sign_in_key_is_nowhere_after_a_run(wedload, plans):
    done = wedload(
        "run", plans / "smoke.toml", "--once", "-o", "r.json",
        env={"WEDLOAD_SUPPLIER_KEY": CANARY, "WEDLOAD_COUPLE_KEY": f"{CANARY}-2"},
    )  # fmt: skip

    assert done.result["metrics"]["http_req_failed"]["yes"] == 0
    assert_absent(wedload, done)


@pytest.mark.parametrize(
    "step",
    [
        'http = "GET /x?key=${env.WEDLOAD_CANARY}"\nexpected_status = [418]',
        'http = "GET http://${env.WEDLOAD_CANARY}.invalid/"',
        'http = "GET /"\nheaders = { A = "${env.WEDLOAD_CANARY + \'\\\\n\'}" }',
        'http = "GET /"\nlet = { n = "${int(env.WEDLOAD_CANARY)}" }',
        'http = "GET /"\nlet = { n = "${json_[env.WEDLOAD_CANARY]}" }',
        'http = "GET /${env.WEDLOAD_CANARY.nothing}"',
    ],
    ids=["status", "host", "header", "conversion", "key", "attribute"],
)
def test_secret_is_redacted_from_what_explains_a_failure(wedload, small, step):
    text = (
        small.read_text()
        .replace('http = "GET /look"', step, 1)
        .replace("[scenarios.main]", "[variables]\njson_ = { a = 1 }\n[scenarios.main]", 1)
    )

    done = wedload(
        "run", wedload.plan(text), "--once", "-o", "r.json", env={"WEDLOAD_CANARY": CANARY}
    )

    assert done.code in {1, 3}, done.err
    assert done.result["failures"] != []
    assert_absent(wedload, done)


def test_secret_in_a_redirect_that_leads_nowhere_is_redacted(wedload, server, small):
    server.location = "ftp://elsewhere"
    text = small.read_text().replace("GET /look", "GET /look?key=${env.WEDLOAD_CANARY}")

    done = wedload(
        "run", wedload.plan(text), "--once", "-o", "r.json", env={"WEDLOAD_CANARY": CANARY}
    )

    assert done.result["steps"][0]["outcomes"] == {"redirect": 1}
    assert_absent(wedload, done)
    assert quote(CANARY, safe="") in server.requests[0][1]  # it was sent all the same


def test_secret_in_a_set_up_that_fails_is_redacted(wedload, small):
    text = small.read_text().replace(
        "[[workflows.visit]]",
        '[[setup]]\nname = "s"\nhttp = "GET /"\nlet = { n = "${int(env.WEDLOAD_CANARY)}" }\n'
        "[[workflows.visit]]",
        1,
    )

    done = wedload("run", wedload.plan(text), env={"WEDLOAD_CANARY": CANARY})

    assert done.code == 4, done.err
    assert "set-up failed" in done.err
    assert_absent(wedload, done)


def test_short_and_ordinary_values_do_not_black_out_messages(wedload, small):
    text = small.read_text().replace(
        'http = "GET /look"',
        'http = "GET /look?n=${env.WEDLOAD_N}&m=${env.WEDLOAD_EMPTY}"\nexpected_status = [418]',
    )

    done = wedload("run", wedload.plan(text), "--once", env={"WEDLOAD_N": "2", "WEDLOAD_EMPTY": ""})

    assert done.result["failures"][0]["message"] == "look: status 200"

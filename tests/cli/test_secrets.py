"""Secrets: sent where the plan says, refused where they do not belong, and no word is lost for it.

That they are found nowhere else is in test_canary.py.
"""

from __future__ import annotations

import pytest

from tests.helpers.canaries import leaks, written
from tests.helpers.credentials import token, vendor_keys

CANARY = "canary-7f3a/9+secret"
LIVE = vendor_keys()["live-mode secret"]


def test_sign_in_key_is_nowhere_after_a_run(wedload, plans):
    done = wedload(
        "run", plans / "smoke.toml", "--once", "-o", "r.json",
        env={"WEDLOAD_SUPPLIER_KEY": CANARY, "WEDLOAD_COUPLE_KEY": f"{CANARY}-2"},
    )  # fmt: skip

    assert done.result["metrics"]["http_req_failed"]["yes"] == 0
    said = {"stdout": done.out, "stderr": done.err}
    assert leaks(said | written(wedload.folder, wedload.temporary), [CANARY]) == []


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
    said = {"stdout": done.out, "stderr": done.err}
    assert leaks(said | written(wedload.folder, wedload.temporary), [CANARY]) == []


def test_short_and_ordinary_values_do_not_black_out_messages(wedload, small):
    text = small.read_text().replace(
        'http = "GET /look"',
        'http = "GET /look?n=${env.WEDLOAD_N}&m=${env.WEDLOAD_EMPTY}"\nexpected_status = [418]',
    )

    done = wedload("run", wedload.plan(text), "--once", env={"WEDLOAD_N": "2", "WEDLOAD_EMPTY": ""})

    assert done.result["failures"][0]["message"] == "look: status 200"


def test_word_of_the_environment_that_names_a_target_too_stays_that_name(wedload, small):
    text = small.read_text().replace('"GET /look"', '"GET /look?stage=${env.WEDLOAD_STAGE}"')

    done = wedload("run", wedload.plan(text), "--once", env={"WEDLOAD_STAGE": "local"})

    assert done.result["run"]["target"] == "local"
    assert "small → local" in done.err


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (LIVE, "env.WEDLOAD_KEY is a live-mode secret key of Stripe"),
        (token({"exp": 1_600_000_000}), "env.WEDLOAD_KEY is a token that expired on 2020-09-13"),
    ],
    ids=["live", "expired"],
)
def test_credential_of_production_or_of_the_past_is_refused_before_anything_is_sent(
    wedload, server, small, value, said
):
    text = small.read_text().replace('"GET /look"', '"GET /look?key=${env.WEDLOAD_KEY}"')

    done = wedload("run", wedload.plan(text), "--once", env={"WEDLOAD_KEY": value})

    assert done.code == 2
    assert f"plan.toml:14: workflows.visit[0].http: {said}" in done.err
    assert server.requests == []
    assert value not in done.out + done.err


def test_check_tells_of_secrets_what_they_are_and_never_what_is_in_them(wedload, small):
    wedload.folder.joinpath("open.key").write_text(CANARY)
    wedload.folder.joinpath("open.key").chmod(0o644)
    text = small.read_text().replace(
        '"GET /look"',
        '"GET /look?a=${env.WEDLOAD_TOKEN}&b=${env.WEDLOAD_KEY}&c=${secrets.open}"',
    )
    plan = wedload.plan(text + '[secrets]\nsecret_file = { open = "open.key" }\n')
    value = token({"iss": "https://id.example", "aud": "api", "role": "service_role"})

    done = wedload("check", plan, env={"WEDLOAD_TOKEN": value, "WEDLOAD_KEY": LIVE})

    said = " ".join(done.out.split())
    assert done.code == 2
    assert "secrets that are there: env.WEDLOAD_KEY, env.WEDLOAD_TOKEN" in said
    assert "issuer https://id.example, audience api, role service_role, expires never" in said
    assert "env.WEDLOAD_TOKEN may do more than a load test needs: it has service_role" in said
    assert "plan.toml:14: workflows.visit[0].http: env.WEDLOAD_KEY is a live-mode secret key" in (
        done.err
    )
    assert 'the secret file "open.key" is open to everybody on this machine (mode 0644)' in done.err
    assert not any(one in done.out + done.err for one in (value, LIVE, CANARY))


@pytest.mark.parametrize("command", ["run", "check"])
def test_check_refuses_the_secrets_that_a_run_refuses(wedload, server, small, command):
    text = small.read_text().replace('"GET /look"', '"GET /look?key=${env.WEDLOAD_KEY}"')
    value = token({"exp": 1_600_000_000})

    done = wedload(command, wedload.plan(text), env={"WEDLOAD_KEY": value})

    assert done.code == 2
    assert "plan.toml:14: workflows.visit[0].http: env.WEDLOAD_KEY is a token that expired" in (
        done.err
    )
    assert server.requests == []


def test_check_tells_what_is_to_be_given_to_a_run_and_is_no_mistake(wedload, small):
    text = small.read_text().replace(
        '"GET /look"', '"GET /look?key=${env.WEDLOAD_KEY}&c=${secrets.later}"'
    )
    plan = wedload.plan(text + '[secrets]\nsecret_file = { later = "later.key" }\n')

    done = wedload("check", plan)

    assert done.code == 0, done.err
    assert "needs from the environment: WEDLOAD_KEY (not set)" in done.out
    assert "needs secret files: later.key (not there)" in done.out

"""What a target allows at most, on the command line: refused before any request, and shown."""

from __future__ import annotations

import pytest

from tests.helpers.steered import CONTROLLED


@pytest.fixture
def capped(small, wedload):
    """The small plan, to a target with these caps."""

    def plan(caps: str):
        text = small.read_text()
        return wedload.plan(text.replace("[targets.local]\n", f"[targets.local]\n{caps}\n"))

    return plan


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize(
    ("caps", "said"),
    [
        ("max_vus = 1", "asks for 2 virtual users, and the target local allows 1 at most"),
        ('max_duration = "1ms"', "and the target local allows 1ms at most"),
    ],
)
def test_more_than_a_target_allows_is_refused_before_any_request(
    wedload, server, capped, command, caps, said
):
    done = wedload(command, capped(caps))

    assert done.code == 2
    assert said in " ".join(done.err.split())
    assert "Traceback" not in done.err
    assert server.requests == []


def test_check_shows_what_the_target_allows(wedload, capped):
    done = wedload("check", capped('max_vus = 5\nmax_duration = "1m30s"'))

    assert done.code == 0, done.err
    assert "the target allows 5 virtual users and 1m30s at most" in done.out


def test_scaling_a_run_beyond_the_cap_is_refused_with_the_reason(wedload, server):
    text = CONTROLLED.replace("{url}", server.url)
    plan = wedload.plan(text.replace("[targets.local]\n", "[targets.local]\nmax_vus = 10\n"))
    run = wedload.start("run", plan)
    run.under_load(0)

    done = wedload("ctl", "scale", 10)

    assert done.code == 2
    told = " ".join(done.err.split())
    assert "10 virtual users of scenario main are more than the target allows" in told
    assert "(max_vus: 10, of which other scenarios have 1)" in told
    assert "9 at most" in told
    assert wedload("ctl", "scale", 9).code == 0


def test_check_points_out_that_certificates_are_not_verified(wedload, capped):
    assert "certificates" not in wedload("check", capped("")).out

    done = wedload("check", capped("tls = { verify = false }"))

    assert done.code == 0, done.err
    assert "certificates of the target are not verified" in done.out

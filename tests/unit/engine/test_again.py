"""Signing in again in a run's own clean-up, in virtual time: who, how often, and what fails."""

from __future__ import annotations

from itertools import count as counting

import pytest

PLAN = """
[identities.couple]
http = "POST /sign-in"
json = {{ email = "${{synthetic.email()}}" }}
capture = {{ token = "json.token" }}
headers = {{ Authorization = "Bearer ${{token}}", X-Of = "${{vu}}-${{data.who.n}}" }}
{expires}
[data.who]
file = "who.csv"
[scenarios.main]
executor = "per-vu-iterations"
vus = {vus}
iterations = {forms}
workflow = "visit"
[[workflows.visit]]
name = "create"
as = "couple"
http = "POST /forms"
cleanup = "DELETE /forms"
"""
SIGN_IN = "POST /sign-in"
CREATE = "POST /forms"


class Platform:
    """Gives out tokens, in order, that last for some seconds; some requests it refuses anyway."""

    def __init__(
        self, answer, lasts_s: float = 1000, *, refuses=lambda _: False, **sign_in_again
    ) -> None:
        self.answer, self.lasts_s, self.sign_in_again = answer, lasts_s, sign_in_again
        self.refuses = refuses
        self.issued: dict[str, float] = {}
        self.users: list[bytes] = []
        self.cleaning = False

    def __call__(self, seen):
        if seen.line == SIGN_IN:
            self.users.append(seen.request.body)
            if self.cleaning and self.sign_in_again:
                return self.answer(0.1, **self.sign_in_again)
            token = f"t-{len(self.users)}"
            self.issued[token] = seen.started_s
            return self.answer(0.1, json={"token": token})
        token = seen.lines.decode().partition("Bearer ")[2].partition("\r\n")[0]
        good = seen.started_s - self.issued[token] < self.lasts_s
        return self.answer(0.1, status=200 if good and not self.refuses(seen) else 401)


@pytest.fixture
def cleaned_up(stage):
    """Run the plan, let time pass, and clean up: the run, and what clean-up counted."""
    (stage.folder / "who.csv").write_text("n\nzero\none\n")

    def clean(platform, *, expires="", vus=3, forms=20, pause_s=100.0, **settings):
        run = stage.play(PLAN.format(expires=expires, vus=vus, forms=forms), platform, **settings)
        run.clock.run(run.until(run.now_s + pause_s))
        platform.cleaning = True
        count, _ = stage.clean_up(run)
        return run, count

    return clean


@pytest.mark.parametrize("expires", ['expires = "50s"', ""], ids=["expires", "a 401"])
def test_whose_token_is_over_signs_in_again_once_as_the_same_person(cleaned_up, answer, expires):
    platform = Platform(answer, lasts_s=50)
    run, count = cleaned_up(platform, expires=expires)

    assert (count.created, count.deleted, count.leaked) == (60, 60, 0)
    assert len(platform.users) == 6
    assert sorted(platform.users[3:]) == sorted(platform.users[:3])
    assert len(set(platform.users)) == 3
    if expires:  # nothing was tried with what is known to be over
        assert run.outcomes("http_reqs", scenario="cleanup") == {"ok": 60}


def test_headers_of_who_signs_in_again_read_what_they_read_then(cleaned_up, answer):
    run, _ = cleaned_up(Platform(answer, lasts_s=50), expires='expires = "50s"')

    def shown(method, path):
        return {
            one.lines.decode().partition("X-Of: ")[2].partition("\r\n")[0]
            for one in run.network.exchanges
            if (one.request.method, one.path) == (method, path)
        }

    assert shown("DELETE", "/forms") == shown("POST", "/forms")
    assert len(shown("DELETE", "/forms")) == 3


def test_whose_token_lasts_does_not_sign_in_again(cleaned_up, answer):
    platform = Platform(answer)
    _, count = cleaned_up(platform, expires='expires = "500s"')

    assert (count.deleted, len(platform.users)) == (60, 3)


def test_who_cannot_sign_in_again_leaves_what_is_theirs_and_is_asked_for_once(cleaned_up, answer):
    platform = Platform(answer, 50, status=403)
    _, count = cleaned_up(platform, expires='expires = "50s"')

    assert (count.deleted, count.leaked) == (0, 60)
    assert count.reasons == {"signing in again as couple: status 403": 60}
    assert len(platform.users) == 6


def test_who_is_refused_after_signing_in_again_does_not_do_so_for_each_deletion(cleaned_up, answer):
    platform = Platform(answer, refuses=lambda seen: seen.request.method == "DELETE")
    _, count = cleaned_up(platform, vus=1, forms=40)

    assert count.reasons == {"status 401": 40}
    assert len(platform.users) == 2


def test_what_a_refused_step_showed_is_tried_before_anybody_signs_in_again(cleaned_up, answer):
    """A step that is to be refused makes no session worse."""
    steps = counting(1)
    platform = Platform(answer, refuses=lambda seen: seen.line == CREATE and next(steps) == 20)
    _, count = cleaned_up(platform, vus=1, forms=20)

    assert (count.created, count.deleted) == (19, 19)
    assert len(platform.users) == 1


def test_a_sign_in_that_is_limited_for_ever_is_given_up(cleaned_up, answer):
    platform = Platform(answer, 50, status=429)
    run, count = cleaned_up(platform, expires='expires = "50s"', vus=300, forms=1)

    assert (count.deleted, count.leaked) == (0, 300)
    assert len(platform.users) < 300 + 600  # half of what four attempts each would be
    assert any(why.endswith("lets too little through") for why in count.reasons)
    assert run.now_s < 100 + 100

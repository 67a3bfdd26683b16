"""Submissions that survive what fails beside them."""

from __future__ import annotations

import pytest

BODY = {"responses": {"name": "Robin and Sam"}}
PATH = "/api/forms/submit-resilient"


def services(**wanted):
    return {**BODY, "services": {"email": "success", "calendar": "success", **wanted}}


async def rows(visitor):
    return (await visitor.get("/_sandbox/counts")).body["rows"]


async def test_when_all_goes_well_there_are_no_warnings(database, platform, provider):
    visitor = platform(*database())
    couple = await visitor.sign_in("couple")
    answer = await couple.post(PATH, services(database="success"))
    assert (answer.status, answer.body["warnings"]) == (201, [])
    assert len(provider.events) == 1
    (mail,) = provider.mails.values()
    assert mail["to"] == [couple.email]
    found = await rows(visitor)
    assert (found["loose_submissions"], found["appointments"], found["communications"]) == (1, 1, 1)
    path = f"/api/submissions/{answer.body['id']}"
    stranger = await visitor.sign_in("couple")
    assert (await stranger.delete(path)).status == 403
    assert (await couple.delete(path)).status == 204
    assert (await couple.delete(path)).status == 404
    found = await rows(visitor)
    assert (found["loose_submissions"], found["appointments"], found["communications"]) == (0, 0, 0)
    assert provider.events == {}


@pytest.mark.parametrize("part", ["email", "calendar"])
async def test_a_part_that_is_to_fail_fails_alone(platform, provider, part):
    visitor = platform()
    couple = await visitor.sign_in("couple")
    answer = await couple.post(PATH, services(**{part: "fail"}))
    assert answer.status == 201
    (warning,) = answer.body["warnings"]
    code = {"email": "queued", "calendar": "provisional"}[part]
    assert (warning["service"], warning["code"]) == (part, code)
    assert bool(provider.events) is (part == "email")
    asked = {each.what.partition(".")[0] for each in provider.asked}
    assert ("calendar" in asked) is (part == "email")
    assert (await rows(visitor))["loose_submissions"] == 1


async def test_what_is_asked_to_fail_opens_no_breaker(platform, provider, counts):
    visitor = platform()
    couple = await visitor.sign_in("couple")
    for _ in range(25):
        answer = await couple.post(PATH, services(calendar="fail"))
        assert [each["service"] for each in answer.body["warnings"]] == ["calendar"]
    done = await counts(visitor, "calendar")
    assert (done["operations"], done["breaker_opened"], done["fallbacks"]) == (0, 0, 25)


async def test_a_third_party_that_is_down_makes_the_same_warnings(platform, provider):
    couple = await platform().sign_in("couple")
    provider.moods |= {"calendar": "down", "email": "down"}
    answer = await couple.post(PATH, BODY)
    assert answer.status == 201
    found = {each["service"]: each["code"] for each in answer.body["warnings"]}
    assert found == {"email": "queued", "calendar": "provisional"}


async def test_without_its_database_nothing_is_accepted_and_nothing_done(platform, provider):
    visitor = platform()
    couple = await visitor.sign_in("couple")
    answer = await couple.post(PATH, services(database="fail"))
    assert (answer.status, answer.body["error"]["code"]) == (503, "unavailable")
    assert provider.asked == []
    assert (await rows(visitor))["loose_submissions"] == 0


async def test_a_dishonest_platform_has_no_warnings(platform, provider):
    couple = await platform(without=("honest-fallback",)).sign_in("couple")
    answer = await couple.post(PATH, services(email="fail", calendar="fail"))
    assert (answer.status, answer.body["warnings"]) == (201, [])


async def test_a_forms_submission_is_one_like_any_other(platform, provider, eventually):
    visitor = platform()
    supplier, couple = await visitor.sign_in("supplier"), await visitor.sign_in("couple")
    form = await supplier.create_form()
    body = {**services(email="fail"), "form_id": form}
    assert (await couple.post(PATH, body)).status == 403  # not connected
    await couple.connect(form)
    answer = await couple.post(PATH, body)
    assert answer.status == 201
    submission = answer.body["id"]

    async def state():
        return (await couple.get(f"/api/realtime/status/{submission}")).body["journey"]["state"]

    assert await eventually(state, lambda found: found == "running") == "running"
    assert (await couple.delete(f"/api/submissions/{submission}")).status == 204
    (shown,) = (await supplier.get("/api/suppliers/dashboard")).body["forms"]
    assert shown["submissions"] == 0


async def test_without_third_parties_it_survives_with_warnings(couple):
    answer = await couple.post(PATH, BODY)
    assert answer.status == 201
    assert [each["code"] for each in answer.body["warnings"]] == ["not_configured"] * 2
    assert (await couple.delete(f"/api/submissions/{answer.body['id']}")).status == 204


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"responses": None}, "responses"),
        ({"responses": []}, "responses"),
        ({"form_id": "x"}, "form_id"),
        ({"services": []}, "services"),
        ({"services": {"email": "broken"}}, "services.email"),
        ({"services": {"pigeon": "fail"}}, "services.pigeon"),
        ({"service": {}}, "service"),
    ],
)
async def test_what_is_wrong_is_named(couple, changes, wrong):
    assert set((await couple.post(PATH, {**BODY, **changes})).wrong_fields) == {wrong}

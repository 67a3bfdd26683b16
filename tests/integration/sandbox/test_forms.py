"""Intake forms, connections, submissions, deletion."""

from __future__ import annotations

import asyncio
import uuid

import pytest

UNKNOWN = str(uuid.UUID(int=7))

FIELDS = [
    {"name": "wedding_date", "label": "Date", "type": "text", "required": True},
    {"name": "guests", "label": "How many guests", "type": "number", "required": True},
    {
        "name": "style",
        "label": "Style of the photographs",
        "type": "select",
        "required": False,
        "options": ["classic", "rustic"],
    },
    {"name": "wishes", "label": "Special requests", "type": "textarea", "required": False},
]
RESPONSES = {"wedding_date": "2027-06-05", "guests": 90, "style": "rustic", "wishes": "No rain"}


def field(**changes):
    merged = {"name": "a", "label": "A", "type": "text", "required": True, **changes}
    return {key: value for key, value in merged.items() if value is not ...}


async def test_form_with_every_kind_of_field_is_created(supplier):
    answer = await supplier.post("/api/forms/intake", {"title": "Intake", "fields": FIELDS})
    assert answer.status == 201
    assert uuid.UUID(answer.body["id"])
    assert answer.body.keys() == {"id"}


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"title", "fields"}),
        ({"title": "", "fields": [field()]}, {"title"}),
        ({"title": "  ", "fields": [field()]}, {"title"}),
        ({"title": 5, "fields": [field()]}, {"title"}),
        ({"title": "x" * 201, "fields": [field()]}, {"title"}),
        ({"title": "nul \x00", "fields": [field()]}, {"title"}),
        ({"title": "T", "fields": []}, {"fields"}),
        ({"title": "T", "fields": {}}, {"fields"}),
        ({"title": "T", "fields": [field()] * 101}, {"fields"}),
        ({"title": "T", "fields": [field()], "colour": 1}, {"colour"}),
        ({"title": "T", "fields": ["a"]}, {"fields[0]"}),
        ({"title": "T", "fields": [field(), field()]}, {"fields[1].name"}),
        ({"title": "T", "fields": [field(nmae="x")]}, {"fields[0].nmae"}),
        ({"title": "T", "fields": [field(name="")]}, {"fields[0].name"}),
        ({"title": "T", "fields": [field(name=...)]}, {"fields[0].name"}),
        ({"title": "T", "fields": [field(label=5)]}, {"fields[0].label"}),
        ({"title": "T", "fields": [field(type="date")]}, {"fields[0].type"}),
        ({"title": "T", "fields": [field(type=["text"])]}, {"fields[0].type"}),
        ({"title": "T", "fields": [field(required="yes")]}, {"fields[0].required"}),
        ({"title": "T", "fields": [field(required=1)]}, {"fields[0].required"}),
        ({"title": "T", "fields": [field(required=...)]}, {"fields[0].required"}),
        ({"title": "T", "fields": [field(type="select")]}, {"fields[0].options"}),
        ({"title": "T", "fields": [field(type="select", options=[])]}, {"fields[0].options"}),
        ({"title": "T", "fields": [field(type="select", options=["a", 1])]}, {"fields[0].options"}),
        (
            {"title": "T", "fields": [field(type="select", options=["a", "a"])]},
            {"fields[0].options"},
        ),
        ({"title": "T", "fields": [field(options=["a"])]}, {"fields[0].options"}),
        (
            {"title": "", "fields": [field(), field(name="b", type="x", required=None)]},
            {"title", "fields[1].type", "fields[1].required"},
        ),
    ],
)
async def test_wrong_form_is_422_and_names_each_wrong_field(supplier, body, wrong):
    answer = await supplier.post("/api/forms/intake", body)
    assert answer.wrong_fields.keys() == wrong


@pytest.mark.parametrize("body", [[], "text", 5, None])
async def test_body_that_is_no_object_is_422(supplier, body):
    assert (
        await supplier.post("/api/forms/intake", b"null" if body is None else body)
    ).status == 422


async def test_couple_connects_once_and_gets_the_same_connection_again(supplier, couple):
    form = await supplier.create_form()
    first, second = await couple.connect(form), await couple.connect(form)
    assert (first.status, second.status) == (201, 200)
    assert first.body == second.body
    assert first.body.keys() == {"id"}


async def test_connecting_twice_at_the_same_moment_makes_one_connection(supplier, couple):
    form = await supplier.create_form()
    answers = await asyncio.gather(*(couple.connect(form) for _ in range(10)))
    assert sorted(answer.status for answer in answers) == [200] * 9 + [201]
    assert len({answer.body["id"] for answer in answers}) == 1


@pytest.mark.parametrize("form", [UNKNOWN, "x", "%00", "..%2F", UNKNOWN.upper() + "x"])
async def test_unknown_form_is_404(supplier, couple, form):
    body = {"wedding_date": "2027-06-05", "venue": "Barn"}
    assert (await couple.post(f"/api/connections/{form}", body)).status == 404
    assert (await couple.submit(form)).status == 404
    assert (await supplier.delete(f"/api/forms/{form}")).status == 404


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"wedding_date", "venue"}),
        ({"wedding_date": "2027-02-30", "venue": "Barn"}, {"wedding_date"}),
        ({"wedding_date": "20270205", "venue": "Barn"}, {"wedding_date"}),
        ({"wedding_date": 20270205, "venue": "Barn"}, {"wedding_date"}),
        ({"wedding_date": "2027-02-05", "venue": ""}, {"venue"}),
        ({"wedding_date": "2027-02-05", "venue": "Barn", "town": "X"}, {"town"}),
    ],
)
async def test_wrong_connection_is_422_and_names_each_wrong_field(supplier, couple, body, wrong):
    form = await supplier.create_form()
    assert (await couple.post(f"/api/connections/{form}", body)).wrong_fields.keys() == wrong


async def test_connected_couple_submits_and_triggers_a_journey(supplier, couple):
    form = await supplier.create_form(FIELDS)
    await couple.connect(form)
    answer = await couple.submit(form, RESPONSES)
    assert answer.status == 201
    assert answer.body == {"id": answer.body["id"], "journey_triggered": True}
    assert uuid.UUID(answer.body["id"])


async def test_optional_fields_may_be_left_out_null_or_empty(supplier, couple):
    form = await supplier.create_form(FIELDS)
    await couple.connect(form)
    needed = {"wedding_date": "2027-06-05", "guests": 12.5}
    for responses in (needed, {**needed, "style": None}, {**needed, "style": "", "wishes": ""}):
        assert (await couple.submit(form, responses)).status == 201


async def test_couple_that_is_not_connected_may_not_submit(supplier, couple, visitor):
    form = await supplier.create_form()
    await (await visitor.sign_in("couple")).connect(form)
    answer = await couple.submit(form)
    assert answer.status == 403
    assert answer.body["error"]["code"] == "forbidden"


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"guests": "90"}, {"responses.guests"}),
        ({"guests": True}, {"responses.guests"}),
        ({"guests": None}, {"responses.guests"}),
        ({"wedding_date": ""}, {"responses.wedding_date"}),
        ({"wedding_date": "  "}, {"responses.wedding_date"}),
        ({"wedding_date": 5}, {"responses.wedding_date"}),
        ({"style": "baroque"}, {"responses.style"}),
        ({"style": ["rustic"]}, {"responses.style"}),
        ({"wishes": "x" * 20_001}, {"responses.wishes"}),
        ({"unheard_of": 1}, {"responses.unheard_of"}),
        ({"guests": "x", "style": "y"}, {"responses.guests", "responses.style"}),
    ],
)
async def test_responses_that_do_not_fit_the_form_are_422(supplier, couple, changes, wrong):
    form = await supplier.create_form(FIELDS)
    await couple.connect(form)
    answer = await couple.submit(form, {**RESPONSES, **changes})
    assert answer.wrong_fields.keys() == wrong
    assert (await supplier.get("/api/suppliers/dashboard")).body["counts"]["submissions"] == 0


@pytest.mark.parametrize(
    ("body", "wrong"),
    [({}, "responses"), ({"responses": []}, "responses"), ({"responses": {}, "x": 1}, "x")],
)
async def test_malformed_submission_is_422(supplier, couple, body, wrong):
    form = await supplier.create_form()
    await couple.connect(form)
    answer = await couple.post(f"/api/forms/{form}/submit", body)
    assert answer.wrong_fields.keys() == {wrong}


async def test_missing_required_responses_are_each_named(supplier, couple):
    form = await supplier.create_form(FIELDS)
    await couple.connect(form)
    answer = await couple.post(f"/api/forms/{form}/submit", {"responses": {}})
    assert answer.wrong_fields.keys() == {"responses.wedding_date", "responses.guests"}


async def test_any_text_survives_the_way_into_the_database(supplier, couple):
    form = await supplier.create_form()
    await couple.connect(form)
    for text in ("Zoë ❤ 👰🏽", "'; DROP TABLE forms; --", '\\ " \u0000 \n', "x" * 1000):
        assert (await couple.submit(form, {"name": text})).status == 201


async def test_every_submission_to_a_hot_form_is_counted(supplier, visitor):
    form = await supplier.create_form()
    couples = [await visitor.sign_in("couple") for _ in range(10)]
    await asyncio.gather(*(couple.connect(form) for couple in couples))
    answers = await asyncio.gather(*(couple.submit(form) for couple in couples for _ in range(10)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body["id"] for answer in answers}) == 100
    dashboard = (await supplier.get("/api/suppliers/dashboard")).body
    assert dashboard["forms"][0]["submissions"] == 100
    assert dashboard["counts"] == {"forms": 1, "connections": 10, "submissions": 100}


async def test_deleting_a_form_takes_everything_that_hangs_on_it(
    start, database, visit, eventually
):
    visitor = visit(start(*database()))
    supplier, couple = await visitor.sign_in("supplier"), await visitor.sign_in("couple")
    form, other = await supplier.create_form(), await supplier.create_form()
    for each in (form, other):
        await couple.connect(each)
        await couple.submit(each)
    submission = (await couple.submit(form)).body["id"]

    async def rows():
        found = (await visitor.get("/_sandbox/counts")).body["rows"]
        return {name: found[name] for name in ("forms", "connections", "submissions", "journeys")}

    before = {"forms": 2, "connections": 2, "submissions": 3, "journeys": 3}
    await eventually(rows, lambda found: found == before)
    answer = await supplier.delete(f"/api/forms/{form}")
    assert (answer.status, answer.body) == (204, None)
    assert await rows() == {"forms": 1, "connections": 1, "submissions": 1, "journeys": 1}
    assert (await supplier.get(f"/api/realtime/status/{submission}")).status == 404
    assert (await supplier.delete(f"/api/forms/{form}")).status == 404
    assert (await couple.submit(form)).status == 404


async def test_form_of_another_supplier_may_not_be_deleted(supplier, visitor):
    form = await supplier.create_form()
    stranger = await visitor.sign_in("supplier")
    assert (await stranger.delete(f"/api/forms/{form}")).status == 403
    assert (await supplier.delete(f"/api/forms/{form}")).status == 204


async def test_form_deleted_amid_submissions_leaves_nothing_behind(
    start, database, visit, eventually
):
    server = start(*database())
    visitor = visit(server)
    supplier, couple = await visitor.sign_in("supplier"), await visitor.sign_in("couple")
    for _ in range(5):
        form = await supplier.create_form()
        await couple.connect(form)
        submissions = [couple.submit(form) for _ in range(20)]
        answers = await asyncio.gather(*submissions, supplier.delete(f"/api/forms/{form}"))
        assert answers[-1].status == 204
        assert {answer.status for answer in answers[:-1]} <= {201, 404}
    # A journey after all of those shows that the worker has survived them.
    form = await supplier.create_form()
    await couple.connect(form)
    await couple.submit(form)

    async def rows():
        found = (await visitor.get("/_sandbox/counts")).body["rows"]
        return {name: found[name] for name in once}

    once = {"forms": 1, "connections": 1, "submissions": 1, "journeys": 1}
    await eventually(rows, lambda found: found == once)
    assert server.stop() == 0
    assert "Traceback" not in server.errors

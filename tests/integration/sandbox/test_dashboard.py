"""A supplier's overview."""

from __future__ import annotations


async def test_new_supplier_has_an_empty_dashboard(supplier):
    answer = await supplier.get("/api/suppliers/dashboard")
    assert answer.status == 200
    assert answer.body == {
        "counts": {"forms": 0, "connections": 0, "submissions": 0},
        "forms": [],
        "latest_submissions": [],
        "latest_connections": [],
    }


async def test_dashboard_shows_own_forms_and_what_came_in_for_them(supplier, couple, visitor):
    forms = [await supplier.create_form() for _ in range(2)]
    for form in forms:
        await couple.connect(form)
    submissions = [(await couple.submit(forms[0])).body["id"] for _ in range(2)]
    stranger = await visitor.sign_in("supplier")
    foreign = await stranger.create_form()
    await couple.connect(foreign)
    await couple.submit(foreign)

    body = (await supplier.get("/api/suppliers/dashboard")).body
    assert body["counts"] == {"forms": 2, "connections": 2, "submissions": 2}
    assert {form["id"]: form["submissions"] for form in body["forms"]} == {forms[0]: 2, forms[1]: 0}
    assert {entry["id"] for entry in body["latest_submissions"]} == set(submissions)
    assert {entry["form_id"] for entry in body["latest_connections"]} == set(forms)
    assert {entry["couple_id"] for entry in body["latest_connections"]} == {couple.id}
    assert body["latest_connections"][0]["venue"] == "The Old Barn"
    assert body["latest_connections"][0]["wedding_date"] == "2027-06-05"


async def test_dashboard_lists_the_latest_first_and_not_without_end(supplier, couple):
    form = await supplier.create_form()
    await couple.connect(form)
    for _ in range(15):
        await couple.submit(form)
    # Asked twice: SQLite answers the same statement in another way from the second time on.
    for _ in range(2):
        body = (await supplier.get("/api/suppliers/dashboard")).body
        assert body["counts"]["submissions"] == 15
        assert len(body["latest_submissions"]) == 10
        instants = [entry["created_at"] for entry in body["latest_submissions"]]
        assert instants == sorted(instants, reverse=True)

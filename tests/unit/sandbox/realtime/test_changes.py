"""Which changes a subscription is told of, and what it is told."""

from __future__ import annotations

import pytest

from wedload.sandbox.realtime.changes import (
    BindingError,
    Change,
    bind,
    matching_ids,
    subscription_id,
)

INSERTED = Change(
    "submissions",
    "INSERT",
    {
        "id": "s", "form_id": "f", "supplier_id": "p", "couple_id": "c",
        "status": "submitted", "created_at": "2026-06-05T12:00:00.000Z",
    },
    "2026-06-05T12:00:00.001Z",
)  # fmt: skip
UPDATED = Change(
    "journeys",
    "UPDATE",
    {"submission_id": "s", "state": "running", "started_at": "2026-06-05T12:00:00.000Z"},
    "2026-06-05T12:00:00.002Z",
    {"submission_id": "s"},
)


@pytest.mark.parametrize(
    ("given", "hears"),
    [
        ({"event": "*", "schema": "public"}, [INSERTED, UPDATED]),
        ({"event": "*", "schema": "*", "table": "*"}, [INSERTED, UPDATED]),
        ({"event": "INSERT"}, [INSERTED]),
        ({"event": "update"}, [UPDATED]),
        ({"event": "DELETE"}, []),
        ({"event": "*", "table": "journeys"}, [UPDATED]),
        ({"event": "INSERT", "table": "journeys"}, []),
        ({"event": "INSERT", "table": "submissions", "filter": "form_id=eq.f"}, [INSERTED]),
        ({"event": "INSERT", "table": "submissions", "filter": "form_id=eq.g"}, []),
        ({"table": "submissions", "filter": None}, [INSERTED]),
    ],
)
def test_subscription_hears_of_what_it_asked_for(given, hears):
    binding = bind(given)
    assert [change for change in (INSERTED, UPDATED) if binding.matches(change)] == hears


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"event": "TRUNCATE"}, "TRUNCATE is no event; there are INSERT, UPDATE, DELETE, *"),
        ({"schema": "auth"}, "there is no schema auth; there is public"),
        ({"table": "forms"}, "there is no table forms; there are submissions, journeys"),
        ({"table": "journeys", "filter": "form_id=eq.f"}, "there is no column form_id"),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(given, said):
    with pytest.raises(BindingError) as refused:
        bind(given)
    assert said in str(refused.value)


def test_equal_wishes_have_equal_ids_and_different_ones_do_not():
    wish = {"event": "*", "schema": "public", "table": "submissions"}
    assert subscription_id(wish) == subscription_id(dict(reversed(wish.items())))
    others = [{**wish, "filter": f"form_id=eq.{n}"} for n in range(1000)]
    assert len({subscription_id(each) for each in (wish, *others)}) == 1001
    assert 0 < subscription_id(wish) < 2**31


def test_channel_is_told_the_ids_of_all_its_subscriptions_that_match():
    wishes = [{"event": "*"}, {"event": "UPDATE"}, {"event": "INSERT", "table": "submissions"}]
    bindings = tuple(map(bind, wishes))
    assert matching_ids(bindings, INSERTED) == [bindings[0].id, bindings[2].id]
    assert matching_ids(bindings[1:2], INSERTED) == []


def test_insert_is_told_with_its_columns_and_without_an_old_record():
    assert INSERTED.as_payload([7]) == {
        "ids": [7],
        "data": {
            "schema": "public",
            "table": "submissions",
            "commit_timestamp": "2026-06-05T12:00:00.001Z",
            "type": "INSERT",
            "columns": [
                {"name": "id", "type": "text"},
                {"name": "form_id", "type": "text"},
                {"name": "supplier_id", "type": "text"},
                {"name": "couple_id", "type": "text"},
                {"name": "status", "type": "text"},
                {"name": "created_at", "type": "timestamptz"},
            ],
            "record": INSERTED.record,
            "errors": None,
        },
    }


def test_update_is_told_with_the_key_of_the_old_record():
    assert UPDATED.as_payload([1])["data"]["old_record"] == {"submission_id": "s"}

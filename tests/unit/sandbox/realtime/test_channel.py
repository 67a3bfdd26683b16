"""What a join asks for."""

from __future__ import annotations

import pytest

from wedload.sandbox.realtime.channel import JoinError, Wishes, read_wishes


def test_all_that_is_left_out_is_off_and_a_key_is_made_up():
    for payload in ({}, {"config": {}}, {"config": {"broadcast": None, "presence": None}}):
        wishes = read_wishes(payload)
        assert len(wishes.presence_key) == 36
        assert wishes == Wishes(False, False, False, wishes.presence_key, False, ())


def test_what_is_given_is_taken():
    changes = [{"event": "*", "schema": "public", "table": "submissions"}]
    config = {
        "broadcast": {"ack": True, "self": True},
        "presence": {"enabled": True, "key": "ann"},
        "private": True,
        "postgres_changes": changes,
    }
    assert read_wishes({"config": config}) == Wishes(True, True, True, "ann", True, tuple(changes))


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (None, "the payload must be an object"),
        ([], "the payload must be an object"),
        ({"config": 1}, "config must be an object"),
        ({"config": {"broadcast": [1]}}, "broadcast must be an object"),
        ({"config": {"broadcast": {"ack": "yes"}}}, "ack must be true or false"),
        ({"config": {"private": 1}}, "private must be true or false"),
        ({"config": {"presence": {"key": 7}}}, "presence.key must be a string"),
        ({"config": {"postgres_changes": {"event": "*"}}}, "must be a list of objects"),
        ({"config": {"postgres_changes": ["*"]}}, "must be a list of objects"),
        ({"config": {"postgres_changes": [{"filter": 7}]}}, "must be a list of objects of strings"),
        ({"config": {"postgres_changes": [{"table": ["x"]}]}}, "of objects of strings"),
    ],
)
def test_join_of_another_form_is_refused_with_its_reason(payload, said):
    with pytest.raises(JoinError, match=r"^InvalidJoinPayload: ") as refused:
        read_wishes(payload)
    assert said in str(refused.value)

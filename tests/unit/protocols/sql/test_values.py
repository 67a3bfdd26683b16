"""Values on their way to a database and back."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from wedload.protocols.sql.values import converter, for_sqlite, plain

SENT = [
    ("int4", "42", 42),
    ("int8", 42.0, 42),
    ("float8", 3, 3.0),
    ("numeric", 0.1, Decimal("0.1")),
    ("bool", "true", True),
    ("text", 5, "5"),
    ("text", True, "true"),
    ("varchar", {"a": 1}, '{"a":1}'),
    ("date", "2027-06-19", date(2027, 6, 19)),
    ("timestamptz", "2027-06-19T12:00:00+00:00", datetime(2027, 6, 19, 12, tzinfo=UTC)),
    ("time", "12:30", time(12, 30)),
    ("interval", 90, timedelta(seconds=90)),
    ("uuid", "12345678-1234-5678-1234-567812345678", UUID("12345678123456781234567812345678")),
    ("jsonb", {"a": [1]}, '{"a":[1]}'),
    ("jsonb", '{"a": 1}', '{"a": 1}'),
    ("bytea", "ä", b"\xc3\xa4"),
    ("date[]", ["2027-06-19", None], [date(2027, 6, 19), None]),
    ("point", (1, 2), (1, 2)),  # asyncpg's own business
]


@pytest.mark.parametrize(("kind", "value", "sent"), SENT)
def test_a_value_becomes_what_its_parameter_is(kind, value, sent):
    converted = converter(kind)(value)
    assert converted == sent
    assert type(converted) is type(sent)


@pytest.mark.parametrize("kind", sorted({kind for kind, _, _ in SENT}))
def test_null_stays_null(kind):
    assert converter(kind)(None) is None


WRONG = [
    ("int4", "a"), ("int4", 1.5), ("int4", True), ("bool", "yes"), ("bool", 1), ("numeric", "a"),
    ("date", "19.6.2027"), ("date", 5), ("uuid", "a"), ("uuid", 5), ("float8", "a"),
    ("interval", "a day"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), WRONG)
def test_what_is_no_such_value_is_refused(kind, value):
    with pytest.raises((ValueError, TypeError)):
        converter(kind)(value)


RECEIVED = [
    (Decimal("10.50"), 10.5),
    (Decimal(3), 3),
    (Decimal("NaN"), "NaN"),
    (math.inf, "inf"),
    (date(2027, 6, 19), "2027-06-19"),
    (datetime(2027, 6, 19, 12, tzinfo=UTC), "2027-06-19T12:00:00+00:00"),
    (timedelta(seconds=1.5), 1.5),
    (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    (b"\x01\xff", "01ff"),
    ([date(2027, 6, 19), None], ["2027-06-19", None]),
    ("text", "text"),
    (None, None),
]


@pytest.mark.parametrize(("value", "read"), RECEIVED)
def test_what_comes_back_is_as_json_has_it(value, read):
    assert plain(value) == read


def test_sqlite_gets_lists_and_objects_as_json():
    assert [for_sqlite(one) for one in (1, "a", [1], {"a": 2})] == [1, "a", "[1]", '{"a":2}']

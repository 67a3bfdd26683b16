"""A database whose transactions are told of."""

from __future__ import annotations

import pytest

from wedload.sandbox.database import Query, UnavailableError
from wedload.sandbox.dialect import POSTGRES
from wedload.sandbox.errors import not_found
from wedload.sandbox.tracing.database import TracedDatabase
from wedload.sandbox.tracing.scope import within


class Scope:
    over = False

    def __init__(self):
        self.happened = []

    def add(self, happened):
        self.happened.append(happened)

    @property
    def told(self):
        return [(one.name, one.error) for one in self.happened]


class Sound:
    """Runs transactions without a database; a statement `fail` fails, `again` is run again once."""

    dialect = POSTGRES

    def __init__(self):
        self.failed = False

    async def read(self, start):
        return self._drive(start())

    async def write(self, start):
        try:
            return self._drive(start())
        except RuntimeError:
            return self._drive(start())

    def _drive(self, transaction):
        try:
            statement = next(transaction)
            while True:
                if statement.sql == "SELECT fail":
                    raise UnavailableError("gone")
                if statement.sql == "UPDATE again" and not self.failed:
                    self.failed = True
                    raise RuntimeError("a deadlock")
                statement = transaction.send([(1,)])
        except StopIteration as stop:
            return stop.value


def transaction(*statements, error=None):
    def start():
        rows = []
        for sql in statements:
            rows += yield Query(sql)
        if error is not None:
            raise error
        return rows

    return start


async def test_untraced_transactions_are_run_as_they_are():
    database, start = TracedDatabase(Sound()), transaction("SELECT one")
    assert await database.read(start) == [(1,)]
    assert await database.write(start) == [(1,)]


async def test_each_statement_is_told_of_between_the_wait_and_what_comes_after():
    scope, database = Scope(), TracedDatabase(Sound())
    with within(scope):
        assert await database.read(transaction("SELECT a", "SELECT b")) == [(1,), (1,)]
        assert await database.write(transaction("UPDATE forms")) == [(1,)]
    assert scope.told == [
        *(("wait for a connection", None), ("SELECT a", None), ("SELECT b", None)),
        *(("RESET", None), ("wait for a connection", None), ("BEGIN", None)),
        *(("UPDATE forms", None), ("COMMIT", None)),
    ]
    times = [at for one in scope.happened for at in (one.begin_ns, one.end_ns)]
    assert times == sorted(times)
    assert {one.peer for one in scope.happened if one.kind == "client"} == {"postgresql"}


async def test_the_statement_that_fails_is_the_one_that_is_told_to():
    scope, database = Scope(), TracedDatabase(Sound())
    with within(scope), pytest.raises(UnavailableError):
        await database.read(transaction("SELECT a", "SELECT fail"))
    assert scope.told[1:] == [("SELECT a", None), ("SELECT fail", "UnavailableError")]


async def test_an_answer_that_a_transaction_decides_on_is_no_failure_of_a_statement():
    scope, database, error = Scope(), TracedDatabase(Sound()), not_found("form")
    with within(scope), pytest.raises(type(error)):
        await database.read(transaction("SELECT a", error=error))
    assert scope.told[1:] == [("SELECT a", None)]


async def test_a_transaction_that_is_run_again_is_told_of_twice():
    scope, database = Scope(), TracedDatabase(Sound())
    with within(scope):
        await database.write(transaction("UPDATE again"))
    assert scope.told == [
        *(("wait for a connection", None), ("BEGIN", None), ("UPDATE again", "run again")),
        *(("BEGIN", None), ("UPDATE again", None), ("COMMIT", None)),
    ]

"""Resources in words."""

from __future__ import annotations

import pytest

from tests.helpers.watched import level, watched
from wedload.report.resource_words import besides, figure, notes, quantity
from wedload.results.resources_model import LockWait, Resource

NAMED = {one.name: one for one in watched()}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("machine", "load 0.98"),
        ("api", "40 descriptors"),
        ("db", "12 of 100 connections, 3 active, 2 waiting, lock waits 1"),
        ("queue", "1 on average, 1 at most"),
        ("gone", ""),
    ],
)
def test_what_a_resource_has_beside_cpu_and_memory_is_told_by_its_kind(name, said):
    assert besides(NAMED[name]) == said


def test_figures_are_told_in_their_unit():
    assert figure(quantity(NAMED["machine"], "cpu"), "max") == "196.7 %"
    assert figure(quantity(NAMED["api"], "memory"), "max") == "51 MB"
    assert figure(quantity(NAMED["api"], "sockets"), "max") == ""
    empty = Resource(name="a", kind="process", what="a", figures=[level("cpu", [None])])
    assert quantity(empty, "cpu") is None


def test_locks_statements_problems_and_notes_are_sentences():
    assert list(notes(NAMED["db"])) == [
        (
            "db: up to 3 sessions waited for row of bookings, held by: "
            "UPDATE bookings SET a = ? WHERE id = ?"
        ),
        "db: a session waited for relation bookings",
        "db: the costliest statement, 3.40 s in 12 calls: SELECT <b> FROM t WHERE a = ?",
        "db: statements of other users are not shown",
    ]
    assert list(notes(NAMED["gone"])) == [
        "gone: not sampled 60 times: /sys/fs/cgroup/a is not there"
    ]


def test_of_many_locks_the_first_are_told():
    locks = [LockWait(what=f"relation t{n}", sessions=9 - n, most=2) for n in range(9)]
    many = Resource(name="db", kind="postgres", what="", figures=[], locks=locks)

    assert len(list(notes(many))) == 3

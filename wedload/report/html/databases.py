"""Explained queries of a report: each step's slowest, and the node of its plan that costs. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from wedload.report.explained_words import explained_words
from wedload.report.html.markup import Column, Html, element, join, table
from wedload.units import WITHHELD, format_ms

if TYPE_CHECKING:
    from wedload.results.databases_model import Explained
    from wedload.results.model import Result

_MOST_LINES = 400  # of a plan


def databases(result: Result) -> Html:
    """A table of them, and each query with its plan, folded."""
    rows = table(
        "Slowest query of each step that asks for it, explained after the load.",
        [
            Column("step", "name"), Column("database"), Column("in the load", "number"),
            Column("explained", "number"), Column("what costs most by itself"),
            Column("by itself", "number"), Column("what that says"),
        ],
        [_row(one) for one in result.explained],
        note="Explained alone and after the load: if that is much faster than the query was in the "
        "load, its plan is not what made it slow.",
    )  # fmt: skip
    return join([rows, *map(_folded, result.explained)])


def _row(one: Explained) -> list[str | Html]:
    node = one.culprit
    kind = WITHHELD if node is None else f"{node.kind} on {node.relation}"
    if node is not None and node.relation is None:
        kind = node.kind
    return [
        one.step,
        one.database,
        format_ms(one.duration_ms),
        format_ms(None if node is None else node.total_ms),
        kind,
        format_ms(None if node is None else node.self_ms),
        explained_words(one),
    ]


def _folded(one: Explained) -> Html:
    plan = orjson.dumps(one.plan, option=orjson.OPT_INDENT_2).decode().splitlines()
    if len(plan) > _MOST_LINES:
        plan = [*plan[:_MOST_LINES], "…"]
    values = orjson.dumps(one.parameters).decode()
    return element(
        "details",
        element("summary", f"{one.step}: the query and its plan"),
        element("pre", one.query),
        element("p", f"parameters: {values}", class_="note") if one.parameters else None,
        element("pre", "\n".join(plan)) if one.plan is not None else None,
    )

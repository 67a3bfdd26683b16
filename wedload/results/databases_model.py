"""Slowest queries of `sql` steps and what their plans say, in a result file, as types."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from wedload.results.part import Count, Part


class PlanNode(Part):
    """The node of a query plan that costs most by itself, and why."""

    kind: str = Field(description="`Seq Scan`, `Sort` …")
    relation: str | None = None
    self_ms: float | None = Field(
        default=None, description="its time without its children's, over all loops; null: no times"
    )
    total_ms: float | None = Field(default=None, description="of the whole plan; null: no times")
    rows: Count | None = Field(default=None, description="rows that it gave; null: not known")
    removed: Count = Field(default=0, description="rows that it read and a filter removed")
    blocks: Count = Field(default=0, description="blocks that it read, cached or not")
    condition: str | None = Field(default=None, description="its filter or index condition")
    words: str = Field(description="a sentence with these figures")


class Explained(Part):
    """The slowest query of a step, explained after the load."""

    scenario: str
    workflow: str | None
    step: str
    database: str
    query: str
    parameters: list[Any] = Field(default=[], description="values of $1, $2 …, shortened")
    duration_ms: float = Field(description="how long it took in the load")
    culprit: PlanNode | None = Field(default=None, description="null: it could not be explained")
    plan: list[Any] | dict[str, Any] | None = Field(
        default=None, description="EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON), or what SQLite says"
    )
    problem: str | None = None

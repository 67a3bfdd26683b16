"""Explaining, after the load, the slowest query of each step that asks for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import orjson

from wedload.plan.database_places import SqlitePlace
from wedload.protocols.sql.connecting import connector_of
from wedload.protocols.sql.port import QueryError
from wedload.results.databases_model import Explained
from wedload.results.query_plan import culprit_of, culprit_of_sqlite
from wedload.safety.target_guard import guard_of
from wedload.units import NS_PER_MS, NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from wedload.plan.database_places import Place
    from wedload.plan.model import Plan
    from wedload.results.databases_model import PlanNode
    from wedload.run.logbook import Logbook
    from wedload.safety.target_guard import TargetGuard
    from wedload.workload.compile_plan import Settings
    from wedload.workload.verbs.sql import SlowestQuery

_CONNECT_NS: Final = 5 * NS_PER_S
#: EXPLAIN ANALYZE runs the query again, and times every node: it may take some times as long
_LEAST_NS: Final = 10 * NS_PER_S
_TIMES: Final = 5
_MOST_NS: Final = 120 * NS_PER_S
_LONGEST_VALUE: Final = 200  # characters of a parameter in a result


async def explain_slowest(
    slowest: Sequence[SlowestQuery],
    plan: Plan,
    settings: Settings,
    log: Logbook,
    notify: Callable[[str], None],
) -> None:
    """Note what the databases say of these queries; of one that they do not explain, why.

    Without secrets: plans quote the values that they were made for.
    """
    guard = guard_of(plan.targets[settings.target], settings.permits)
    for query in slowest:
        of = log.view.workload.catalogue.series[query.series]
        notify(f"explaining the slowest query of step {of.step}")
        place = settings.databases[query.database]
        lines, culprit, problem = await _explained(query, place, guard)
        explained = Explained(
            scenario=of.scenario,
            workflow=of.workflow,
            step=of.step or "",
            database=query.database,
            query=query.statement.text,
            parameters=list(_short(query.params)),
            duration_ms=round(query.duration_ns / NS_PER_MS, 3),
            culprit=culprit,
            plan=lines,
            problem=problem,
        )
        found = log.redact.document(explained.model_dump())
        log.explained.append(Explained.model_validate(found))


async def _explained(
    query: SlowestQuery, place: Place, guard: TargetGuard
) -> tuple[list[Any] | None, PlanNode | None, str | None]:
    """Its plan, what costs in it, and why there is none."""
    limit_ns = min(max(_LEAST_NS, _TIMES * query.duration_ns), _MOST_NS)
    plan: list[Any] | None = None
    try:
        connection = await connector_of(place, guard).open(_CONNECT_NS)
        try:
            plan = await connection.explain(query.statement, query.params, limit_ns)
        finally:
            await connection.close()
        culprit = culprit_of_sqlite(plan) if isinstance(place, SqlitePlace) else culprit_of(plan)
    except QueryError as error:
        if error.outcome == "read_only":
            return None, None, f"it changes something, so that it was not run again: {error}"
        return None, None, f"it could not be explained: {error}"
    except (OSError, ValueError) as error:
        return plan, None, f"it could not be explained: {error}"
    return plan, culprit, None


def _short(params: Iterable[Any]) -> Iterable[Any]:
    """Parameters as a result can have them: a number of more than 64 bits is a text there."""
    for value in params:
        try:
            kept, text = value, value if isinstance(value, str) else orjson.dumps(value).decode()
        except TypeError:
            kept = text = json.dumps(value, default=str)
        yield kept if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"

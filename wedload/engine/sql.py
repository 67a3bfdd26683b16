"""Driving `sql`: statements of virtual users, over the connections that a load process shares."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from wedload.engine.ending import capture_and_expect, check_all, end_step
from wedload.engine.scope import EndIteration, no_value
from wedload.errors import TargetError
from wedload.metrics.recorder import Row
from wedload.plan.expressions.expression import EVALUATION_ERRORS
from wedload.plan.uses import step_lists
from wedload.plan.verbs.sql import SqlStep
from wedload.protocols.sql.connecting import connector_of
from wedload.protocols.sql.pool import Pool
from wedload.protocols.sql.port import QueryError, Rows
from wedload.safety.target_guard import guard_of
from wedload.units import format_duration_ns
from wedload.workload.compiled import Driven
from wedload.workload.verbs.sql import SlowestQuery

if TYPE_CHECKING:
    from wedload.engine.context import Shared
    from wedload.engine.scope import Scope
    from wedload.engine.virtual_user import VirtualUser
    from wedload.protocols.sql.port import Connection, Found
    from wedload.workload.compiled import Guarded
    from wedload.workload.verbs.sql import SqlTask

_ROW: Final = Row(("sql_query_duration",), counter="sql_queries")
_STEP_ROW: Final = Row(("sql_query_duration", "response_time"), counter="sql_queries")


class SqlDrivers:
    """The pools of one load process, one a database. See `wedload.engine.port`."""

    def __init__(self, shared: Shared) -> None:
        plan, settings = shared.plan, shared.settings
        guard = guard_of(plan.targets[settings.target], settings.permits)
        asked = {
            step.database_in(plan)
            for _, steps in step_lists(plan)
            for step in steps
            if isinstance(step, SqlStep)
        }
        self._plan = plan
        self.pools = {
            name: Pool(connector_of(place, guard), plan.databases[name].pool)
            for name, place in settings.databases.items()
            if name in asked
        }

    async def open(self) -> None:
        """Nothing: set-up opens what it needs."""

    async def begin(self) -> None:
        """Open every connection, before the load.

        Raises:
            TargetError: a database does not let us have so many.
        """
        for name, pool in self.pools.items():
            database = self._plan.databases[name]
            try:
                await pool.fill(database.timeout)
            except QueryError as error:
                raise TargetError(
                    f"database {name}: {error.message}",
                    f"each load process opens pool = {database.pool:,} connections",
                ) from None

    def driver(self, user: VirtualUser) -> SqlSteps:
        """The sql steps of one virtual user."""
        return SqlSteps(self, user)

    async def close(self) -> None:
        """End every connection."""
        await asyncio.gather(*(pool.close() for pool in self.pools.values()))


class SqlSteps:
    """Runs the sql steps of one virtual user."""

    def __init__(self, drivers: SqlDrivers, user: VirtualUser) -> None:
        self._pools = drivers.pools
        self._context = user.context
        self._now_ns = user.context.shared.clock.now_ns
        self._recorder = user.context.shared.recorder
        self._slowest = user.context.shared.slowest
        self._due = user.due

    def close(self) -> None:
        """Connections are everybody's."""

    async def run(self, step: Guarded, scope: Scope) -> bool:
        """Run a sql step; whether it succeeded.

        Raises:
            EndIteration: what follows makes no sense.
        """
        assert isinstance(step, Driven)
        task: SqlTask = step.task
        try:
            params = tuple(value(scope) for value in task.params)
        except EVALUATION_ERRORS as error:
            raise no_value(self._recorder, step.name, error) from None
        wanted_ns = self._now_ns()
        phase = self._context.phase_at(wanted_ns)
        sent_ns = 0
        try:
            try:
                connection = await self._pools[task.database].take(task.timeout_ns)
                sent_ns = self._now_ns()
                found = await self._query(step, connection, params, wanted_ns, sent_ns, phase)
                outcome, problem = "ok", ""
            except QueryError as error:
                found, outcome, problem = None, error.outcome, error.message
                if outcome == "pool_timeout":  # at least so long: without it, the worst are missing
                    waits = self._recorder.trend("sql_pool_wait", step.series, phase)
                    waits.append(self._now_ns() - wanted_ns)
        except asyncio.CancelledError:
            waits = self._recorder.trend("sql_interrupted", step.series, phase)
            waits.append(self._now_ns() - (sent_ns or wanted_ns))
            raise
        if problem:
            self._recorder.note(f"{step.name}: {problem}")
        self._end(step, scope, found, phase, sent_ns, outcome, params)
        succeeded = outcome == "ok"
        capture_and_expect(self._context, step, scope, sent_ns, succeeded=succeeded)
        if not succeeded and step.ends_iteration:
            raise EndIteration
        return succeeded

    async def _query(
        self,
        step: Driven,
        connection: Connection,
        params: tuple[Any, ...],
        wanted_ns: int,
        sent_ns: int,
        phase: int,
    ) -> Found:
        """What the database gives; the connection goes back, whatever happens.

        Raises:
            QueryError: it failed.
        """
        task: SqlTask = step.task
        pool = self._pools[task.database]
        self._recorder.trend("sql_pool_wait", step.series, phase).append(sent_ns - wanted_ns)
        left_ns = max(1, task.timeout_ns - (sent_ns - wanted_ns))
        cut_off = True
        try:
            found = await connection.run(task.statement, params, left_ns)
            cut_off = False
        except QueryError as error:
            cut_off = error.outcome == "timeout"
            if cut_off:  # in the time that was left; what the plan says is told
                message = f"no end within {format_duration_ns(task.timeout_ns)}"
                raise QueryError("timeout", message) from None
            raise
        finally:
            if cut_off:
                pool.give_back_settled(connection)
            else:
                pool.give_back(connection)
        return found

    def _end(
        self,
        step: Driven,
        scope: Scope,
        found: Found | None,
        phase: int,
        sent_ns: int,
        outcome: str,
        params: tuple[Any, ...],
    ) -> None:
        """The query is over, or was never sent: record and check it."""
        ended_ns = self._now_ns()
        took_ns = ended_ns - sent_ns if sent_ns else 0
        waited_ns = end_step(
            self._context, self._due, step.series, phase, ended_ns, happened=sent_ns > 0
        )
        if not sent_ns:
            self._recorder.count(step.series, "sql_queries", phase, outcome)
        elif waited_ns < 0:
            self._recorder.buffer(_ROW, step.series, phase, outcome).append(took_ns)
        else:
            self._recorder.buffer(_STEP_ROW, step.series, phase, outcome).extend(
                (took_ns, waited_ns)
            )
        rows = scope.response = Rows(found, took_ns)
        if found is not None:
            self._recorder.trend("sql_rows", step.series, phase).append(rows.row_count)
            if step.task.explain:
                self._remember(step, params, took_ns)
        if step.checks:
            check_all(self._context, step.checks, phase, scope, answered=outcome == "ok")

    def _remember(self, step: Driven, params: tuple[Any, ...], took_ns: int) -> None:
        """Keep the query, if none of its step was slower."""
        before = self._slowest.get(step.series)
        if before is None or before.duration_ns < took_ns:
            task: SqlTask = step.task
            self._slowest[step.series] = SlowestQuery(
                step.series, task.database, task.statement, params, took_ns
            )

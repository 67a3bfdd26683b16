"""Driving `python`: coroutines of the plan's own modules, as steps of virtual users."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from wedload.channels.message import Message
from wedload.engine.ending import capture_and_expect, check_all, end_step
from wedload.engine.python_modules import PythonModules, mentions_clean_up, told
from wedload.engine.python_user import PythonUser
from wedload.engine.scope import EndIteration
from wedload.metrics.recorder import Row
from wedload.plan.uses import step_lists
from wedload.plan.verbs.python import PythonStep
from wedload.units import NS_PER_S, format_duration_ns
from wedload.workload.compiled import Driven
from wedload.workload.feeders import FeederExhaustedError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from wedload.engine.context import Shared
    from wedload.engine.scope import Scope
    from wedload.engine.virtual_user import VirtualUser
    from wedload.plan.verbs.python import Coroutine as Named
    from wedload.workload.compiled import Guarded

_ROW: Final = Row(("python_duration",), counter="python_calls")
_STEP_ROW: Final = Row(("python_duration", "response_time"), counter="python_calls")
_NOT_ALLOWED: Final = "a python step runs only with --allow-python"
_LONGEST_NOTE: Final = 500  # characters: an exception may quote a whole response


class _Function(NamedTuple):
    """A coroutine function of the plan's."""

    call: Callable[[Any], Coroutine[Any, Any, Any]]
    cleans: bool  # whether its unsafe requests may create something


class PythonDrivers:
    """What the python steps of one load process share: the functions. See `wedload.engine.port`."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self.folder = shared.settings.python_folder
        self.functions: dict[Named, _Function] = {}

    async def open(self) -> None:
        """Import the modules of the plan's steps, if that is allowed.

        Raises:
            WedloadError: one cannot be imported, or has no such coroutine function.
        """
        if self.folder is None:
            return  # whoever runs such a step is told
        modules = PythonModules(self.folder)
        for _, steps in step_lists(self._shared.plan):
            for step in steps:
                if isinstance(step, PythonStep) and step.python not in self.functions:
                    function = modules.function(step.python)
                    cleans = mentions_clean_up(function)
                    self.functions[step.python] = _Function(function, cleans)

    async def begin(self) -> None:
        """Nothing more."""

    def driver(self, user: VirtualUser) -> PythonSteps:
        """The python steps of one virtual user."""
        return PythonSteps(self, user)

    async def close(self) -> None:
        """Nothing is kept open."""


class PythonSteps:
    """Runs the python steps of one virtual user, signed in as its http steps are."""

    def __init__(self, drivers: PythonDrivers, user: VirtualUser) -> None:
        self._drivers = drivers
        self._context = user.context
        self._now_ns = user.context.shared.clock.now_ns
        self._recorder = user.context.shared.recorder
        self._http = user.http()
        self._due = user.due

    def close(self) -> None:
        """Its connections are those of the http steps."""

    async def run(self, step: Guarded, scope: Scope) -> bool:
        """Run a python step; whether it succeeded, and every request that it sent.

        Raises:
            EndIteration: what follows makes no sense.
        """
        assert isinstance(step, Driven)
        if self._drivers.folder is None:
            self._recorder.note(f"{step.name}: {_NOT_ALLOWED}")
            raise EndIteration
        began_ns = self._now_ns()
        phase = self._context.phase_at(began_ns)
        function = self._drivers.functions[step.task.coroutine]
        user = PythonUser(
            self._context, scope, step.task, self._http, phase, cleans=function.cleans
        )
        outcome = ""
        try:
            outcome, body = await self._call(step.name, function, user, step.task.timeout_ns)
        except asyncio.CancelledError:
            waits = self._recorder.trend("python_interrupted", step.series, phase)
            waits.append(self._now_ns() - began_ns)
            raise
        finally:
            if outcome != "ok":
                user.cut_off()
        succeeded = outcome == "ok"
        self._end(step, scope, phase, began_ns, outcome, body)
        capture_and_expect(self._context, step, scope, began_ns, succeeded=succeeded)
        if not succeeded and step.ends_iteration:
            raise EndIteration
        return succeeded and not user.failed

    async def _call(
        self, name: str, function: _Function, user: PythonUser, timeout_ns: int
    ) -> tuple[str, bytes]:
        """Call the coroutine: the outcome, and what it returned, as JSON."""
        limit = asyncio.timeout(timeout_ns / NS_PER_S)
        try:
            async with limit:
                returned = await function.call(user)
            return "ok", orjson.dumps(returned)
        except (EndIteration, FeederExhaustedError):
            raise  # why was noted where it happened
        except TimeoutError as error:
            if limit.expired():
                why = f"no end within {format_duration_ns(timeout_ns)}"
                self._recorder.note(f"{name}: {why}")
                return "timeout", b""
            self._note(name, error)
        except orjson.JSONEncodeError as error:
            self._recorder.note(f"{name}: what it returns is no JSON: {error}")
        except (Exception, SystemExit, KeyboardInterrupt) as error:  # noqa: BLE001 - it is the author's code
            self._note(name, error)
        return "error", b""

    def _note(self, name: str, error: BaseException) -> None:
        assert self._drivers.folder is not None
        self._recorder.note(f"{name}: {told(error, self._drivers.folder)[:_LONGEST_NOTE]}")

    def _end(
        self, step: Driven, scope: Scope, phase: int, began_ns: int, outcome: str, body: bytes
    ) -> None:
        """The coroutine is over: record and check it."""
        ended_ns = self._now_ns()
        waited_ns = end_step(self._context, self._due, step.series, phase, ended_ns, happened=True)
        if waited_ns < 0:
            self._recorder.buffer(_ROW, step.series, phase, outcome).append(ended_ns - began_ns)
        else:
            self._recorder.buffer(_STEP_ROW, step.series, phase, outcome).extend(
                (ended_ns - began_ns, waited_ns)
            )
        returned = Message(ended_ns, body)
        returned.since_ns = began_ns
        scope.response = returned
        if step.checks:
            check_all(self._context, step.checks, phase, scope, answered=outcome == "ok")

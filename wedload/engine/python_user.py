"""What a `python` step's coroutine is given: a virtual user, as its author sees it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from wedload.engine.context import ScenarioContext
    from wedload.engine.http import HttpSteps
    from wedload.engine.scope import Scope
    from wedload.protocols.http.response import Response
    from wedload.workload.verbs.python import PythonTask


#: methods of requests that may create something; RFC 9110 section 9.2.1 calls the others safe, and
#: DELETE undoes
_UNSAFE: Final = frozenset({"POST", "PUT", "PATCH"})


class Answer:
    """A response: what its request has become."""

    __slots__ = ("_response",)

    def __init__(self, response: Response) -> None:
        self._response = response

    @property
    def ok(self) -> bool:
        """Whether there is a whole answer with a status from 200 to 399."""
        return self._response.outcome == "ok"

    @property
    def status(self) -> int:
        """Its status; 0: there was no answer."""
        return self._response.status

    @property
    def problem(self) -> str | None:
        """Why it is not `ok`, in words."""
        return self._response.problem

    @property
    def headers(self) -> Mapping[str, str]:
        """By lower-case name."""
        return self._response.headers

    @property
    def body(self) -> bytes:
        """Its bytes, decompressed."""
        return self._response.body

    @property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 are replaced."""
        return self._response.text

    @property
    def json(self) -> Any:
        """The body as JSON.

        Raises:
            ValueError: it is not JSON.
        """
        return self._response.json

    @property
    def duration_ms(self) -> float:
        """From its first byte sent to the last of its answer, redirects included."""
        return self._response.duration / 1e6


class PythonUser:
    """One virtual user in one call of a coroutine."""

    def __init__(
        self,
        context: ScenarioContext,
        scope: Scope,
        task: PythonTask,
        http: HttpSteps,
        phase: int,
        *,
        cleans: bool,
    ) -> None:
        """`cleans`: its step uses clean-up, so what its requests create is to be deleted."""
        self._context = context
        self._scope = scope
        self._task = task
        self._http = http
        self._phase = phase
        self._sending = asyncio.Lock()
        self._cleans = cleans
        self._not_named = 0  # requests that were done, may have created something, and no clean-up
        self.failed = False  # whether one of its requests did

    @property
    def vu(self) -> int:
        """Its number, from 1."""
        return self._scope.vu

    @property
    def iteration(self) -> int:
        """How many iterations it has begun before this one."""
        return self._scope.iteration

    @property
    def scenario(self) -> str:
        """The scenario that it belongs to."""
        return self._scope.scenario

    @property
    def rng(self) -> random.Random:
        """Its random numbers: with the seed of the run they are the same again."""
        return self._scope.rng

    @property
    def variables(self) -> dict[str, Any]:
        """Its variables in this iteration, to be read and set: values that JSON can hold."""
        return self._scope.variables

    @property
    def env(self) -> Mapping[str, str]:
        """What of the environment the plan may read."""
        return self._scope.env

    async def http(
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, object] | None = None,
        as_: str | None = None,
    ) -> Answer:
        """Send a request as an http step does; it is recorded under this step.

        Below the target's base URL, or to an absolute URL that load may go to; with the cookies,
        the connections and the identity of the virtual user, or as another one, `as_`. A failure is
        in the answer.

        Raises:
            ValueError, TypeError: no such request can be sent.
        """
        creates = self._cleans and method in _UNSAFE
        call = self._task.requests.call(
            method, url, json=json, body=body, headers=headers, query=query, identity=as_,
            creates=creates,
        )  # fmt: skip
        async with self._sending:  # its connections carry one request at a time
            response = await self._http.send(call, self._scope)
        self.failed = self.failed or response.outcome != "ok"
        self._not_named += creates and response.outcome == "ok"
        return Answer(response)

    async def clean_up(self, url: str, *, method: str = "DELETE", as_: str | None = None) -> None:
        """Have something deleted at the end of the run, as `cleanup` of an http step does."""
        call = self._task.requests.call(method, url, identity=as_, undo=True)
        await self._http.clean_up_later(call, self._scope)
        self._not_named = max(self._not_named - 1, 0)

    def cut_off(self) -> None:
        """The call did not come to its end: nobody will name what is not named yet."""
        for _ in range(self._not_named):
            self._context.shared.perhaps_created(0)
        self._not_named = 0

    def check(self, name: str, passed: object) -> bool:
        """Count a check that the step lists in `reports`; whether it has passed.

        Raises:
            ValueError: it lists none of that name.
        """
        series = self._task.reports.get(name)
        if series is None:
            listed = ", ".join(self._task.reports) or "none"
            raise ValueError(f"the step reports no check {name!r}; its reports are: {listed}")
        held = bool(passed)
        self._context.shared.recorder.check(series, self._phase, held)
        return held

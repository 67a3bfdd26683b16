"""The alerts of a run: what it sets off by design is silenced, and its own people are told.

Silences are the one thing here that a run cannot begin without: who was promised that nobody is
woken must not be. All else that fails is said, and ends nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.errors import TargetError, UsageError
from wedload.export.alertmanager import Alertmanager
from wedload.export.port import ExportError
from wedload.export.silences import Silences
from wedload.plan.matchers import environments
from wedload.safety.production import named_production
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from contextlib import AsyncExitStack

    from wedload.export.endpoint import Endpoint
    from wedload.plan.loader import LoadedPlan
    from wedload.run.audience import Audience
    from wedload.run.endpoints import Endpoints
    from wedload.run.journal import KeptJournal
    from wedload.safety.redactor import Redactor
    from wedload.workload.compile_plan import Settings

_UNHEARD = (
    "a run whose alerts are not silenced could wake people: start the Alertmanager, or take"
    " `silence` out of [monitoring.alertmanager]"
)


class Alerting:
    """That of a run, if its plan says so; without, nothing of this does anything."""

    def __init__(self, loaded: LoadedPlan, audience: Audience, redact: Redactor) -> None:
        self._loaded = loaded
        self._plan = loaded.plan.monitoring
        self._audience = audience
        self._redact = redact
        self._run_id = ""
        self._endpoints: list[Endpoint] = []
        self._manager: Alertmanager | None = None
        self._silences: Silences | None = None

    async def find(self, endpoints: Endpoints, settings: Settings) -> None:
        """Find out who is told, and where.

        Raises:
            UsageError: wedload must not go there, or silence what the plan asks it to.
        """
        self._run_id = settings.run_id
        asked = None if self._plan is None else self._plan.alertmanager
        if asked is None:
            return
        require_no_production(self._loaded, settings.target)
        path = ("alertmanager", "url")
        endpoint = await endpoints.endpoint(path, asked.url, asked.headers)
        self._endpoints.append(endpoint)
        self._manager = Alertmanager(endpoint)

    async def silence(self, stack: AsyncExitStack, journal: KeptJournal) -> None:
        """Silence what the plan says, before anything is set off; `stack` ends it, if need be.

        Raises:
            TargetError: that cannot be done.
        """
        for endpoint in self._endpoints:
            stack.push_async_callback(endpoint.close)
        asked = None if self._plan is None else self._plan.alertmanager
        if asked is None or self._manager is None or not asked.silence:
            return
        stack.push_async_callback(self.end)
        comment = comment_of(self._run_id, self._loaded.plan.name)
        self._silences = Silences(
            self._manager, asked.silence, asked.silence_for / NS_PER_S, comment, journal,
            self._notice,
        )  # fmt: skip
        try:
            await self._silences.begin()
        except ExportError as error:
            place = place_of(self._loaded, "alertmanager", "silence")
            raise TargetError(
                f"{place}: alerts are not silenced: {self._redact(error.message)}", _UNHEARD
            ) from None
        for one in asked.silence:
            words = ", ".join(map(str, one))
            self._notice(f"alerts are silenced at {self._manager.shown}: {words}")

    async def end(self) -> None:
        """The run and its clean-up are over: alerts are heard again."""
        if self._silences is not None:
            await self._silences.end()

    def _notice(self, text: str) -> None:
        self._audience.notice(self._redact(text))


def require_no_production(loaded: LoadedPlan, target: str) -> None:
    """Pass if the silences of a plan are of no production, or the target says that it is that.

    Raises:
        UsageError: they are.
    """
    plan = loaded.plan
    asked = None if plan.monitoring is None else plan.monitoring.alertmanager
    if asked is None or plan.targets[target].environment == "production":
        return
    for one in asked.silence:
        for environment in environments(one):
            if (word := named_production(environment)) is not None:
                place = place_of(loaded, "alertmanager", "silence")
                raise UsageError(
                    f'{place}: "{environment}" looks like production (it says "{word}"), and the'
                    f" target {target} does not say that it is that",
                    'silence the environment that is loaded, or write environment = "production"'
                    f" in [targets.{target}]",
                )


def comment_of(run_id: str, plan: str) -> str:
    """What stands beside a silence, for who wonders where it comes from."""
    return f"wedload run {run_id} of {plan}: load on purpose"


def place_of(loaded: LoadedPlan, *below: str | int) -> str:
    """Where something of `[monitoring]` stands: `plan.toml:12: alertmanager.silence`."""
    positions = loaded.positions
    line = positions.line(("monitoring", *below))
    return f"{positions.file}:{line}: {'.'.join(map(str, below))}"

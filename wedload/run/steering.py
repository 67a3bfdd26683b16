"""Steering a run from outside: what `wedload ctl` asks of it, and what it answers.

It knows a run's logbook and fleet, not how requests arrive: see wedload.control.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from wedload.metrics.all_steps import all_failed
from wedload.plan.expressions.expression import suggest
from wedload.report.figures import benchmark_rows, overall_rates, stage_label
from wedload.results.nouns import noun_of_load
from wedload.units import NS_PER_S
from wedload.verdict import findings as finding
from wedload.workload.schedule import ControlledSchedule

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wedload.fleet.port import Fleet
    from wedload.run.logbook import Logbook
    from wedload.safety.allowance import Allowance
    from wedload.workload.compile_plan import CompiledScenario


#: where a run stands as long as there is load to stop
_STOPPABLE: Final = frozenset({"starting", "setting up", "load", "stopping", "settling"})


class Refusal(Exception):  # noqa: N818 - an answer, not a failure
    """A request that a run does not follow, and why."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.answer = {"error": message, "hint": hint}


class Steering:
    """Follows requests; `stop` is what a first interrupt does.

    `elapsed_s` is how long the load lasts: people's view of it is up to half a second old.
    """

    def __init__(
        self,
        run_id: str,
        log: Logbook,
        fleet: Fleet,
        stop: Callable[[], None],
        elapsed_s: Callable[[], float],
        allowance: Allowance,
        stop_file: Path,
    ) -> None:
        self._run_id = run_id
        self._log = log
        self._fleet = fleet
        self._stop = stop
        self._elapsed_s = elapsed_s
        self._allowance = allowance
        self._stop_file = stop_file
        self._paused: set[str] = set()
        self._paused_at_s = 0.0  # of the load, when the first of them was
        self._paused_for_s = 0.0

    def obey(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request: what was done, or `error` and `hint`."""
        verbs: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "status": self._status,
            "scale": self._scale,
            "pause": self._pause,
            "resume": self._resume,
            "stop": self._end,
        }
        verb = verbs.get(str(request.get("do")))
        if verb is None:
            return {"error": f"a run cannot {request.get('do')}; it knows {', '.join(verbs)}"}
        if self._log.phase == "load":
            self._log.view.elapsed_s = self._elapsed_s()
        try:
            return verb(request)
        except Refusal as refusal:
            return refusal.answer

    def finish(self) -> None:
        """The load is over: note in the logbook that it was paused, if it was."""
        self._count_pause()
        if self._paused_for_s:
            self._log.findings.append(finding.paused(self._paused_for_s))

    # --- what can be asked for --------------------------------------------------------------

    def _status(self, _: dict[str, Any]) -> dict[str, Any]:
        view = self._log.view
        iterations, steps = overall_rates(view.timeline)
        failed = all_failed(view.summary)
        return {
            "run": self._run_id,
            "plan": view.plan,
            "target": view.target,
            "phase": self._log.phase,
            "stage": view.doing or stage_label(view.workload, view.elapsed_s),
            "elapsed_s": round(view.elapsed_s, 1),
            "end_s": view.workload.end_ns / NS_PER_S,
            "vus": view.timeline.active_vus(),
            "iterations_per_s": round(iterations, 1),
            "steps_per_s": round(steps, 1),
            "steps_are": noun_of_load(view.summary),
            "failed_ratio": round(failed.ratio, 6) if failed.total else None,
            "paused": sorted(self._paused),
            "stop_file": str(self._stop_file),
            "aborted_by": None if self._log.abort is None else self._log.abort.row.name,
            "benchmarks": [
                {
                    "name": row.name,
                    "require": row.requirement.terms,
                    "status": row.status,
                    "observed": row.observed,
                    "unit": row.requirement.unit,
                    "samples": row.samples,
                }
                for row in benchmark_rows(view)
            ],
            "scenarios": [
                {
                    "name": one.name,
                    "scalable": isinstance(one.schedule, ControlledSchedule),
                    "max_vus": one.schedule.most_vus,
                }
                for one in view.workload.scenarios
            ],
        }

    def _scale(self, request: dict[str, Any]) -> dict[str, Any]:
        self._require_load()
        vus = request.get("vus")
        if not isinstance(vus, int) or isinstance(vus, bool) or vus < 0:
            raise Refusal(f"{vus} is not a number of virtual users")
        scenarios = self._chosen(request)
        scalable = [one for one in scenarios if isinstance(one.schedule, ControlledSchedule)]
        if not scalable:
            raise Refusal(
                f"nothing to scale: {', '.join(one.name for one in scenarios)} "
                f"{'follows' if len(scenarios) == 1 else 'follow'} a schedule",
                'only a scenario with executor = "externally-controlled" can be scaled',
            )
        for one in scalable:
            if vus > one.schedule.most_vus:
                raise Refusal(
                    f"{vus:,} virtual users are more than max_vus of scenario {one.name}, "
                    f"{one.schedule.most_vus:,}"
                )
        self._require_allowed([one.name for one in scalable], vus)
        for one in scalable:
            self._fleet.scale(one.name, vus)
        self._log.notify(f"scaled to {vus:,} virtual users")
        return {"scaled": [one.name for one in scalable], "vus": vus}

    def _pause(self, request: dict[str, Any]) -> dict[str, Any]:
        self._require_load()
        if not self._paused:
            self._paused_at_s = self._log.view.elapsed_s
            self._log.view.timed.hold(self._paused_at_s)
        for one in self._chosen(request):
            self._fleet.pause(one.name)
            self._paused.add(one.name)
        self._log.notify("paused: no iteration starts; go on with wedload ctl resume")
        return {"paused": sorted(self._paused)}

    def _resume(self, request: dict[str, Any]) -> dict[str, Any]:
        self._require_load()
        was_paused = bool(self._paused)
        for one in self._chosen(request):
            self._fleet.resume(one.name)
            if {one.name} == self._paused:
                self._count_pause()
            self._paused.discard(one.name)
        if was_paused and not self._paused:
            self._log.view.timed.go_on(self._log.view.elapsed_s)
        if not self._paused:
            self._log.notify("resumed")
        return {"paused": sorted(self._paused)}

    def _end(self, request: dict[str, Any]) -> dict[str, Any]:
        now, phases = request.get("now") is True, _STOPPABLE
        if now:
            phases |= {"finishing"}  # what is left to delete is given up
        if self._log.phase not in phases:
            raise Refusal(f"the run is {self._log.phase} already; there is no load to stop")
        times = 2 if now and not self._log.stopping.interrupts else 1  # a second one insists
        for _ in range(times):
            asyncio.get_running_loop().call_soon(self._stop)  # after the answer
        return {"stopping": True, **({"now": True} if now else {})}

    # --- inside -----------------------------------------------------------------------------

    def _require_load(self) -> None:
        if self._log.phase != "load":
            raise Refusal(f"the run is {self._log.phase}; there is no load to steer")

    def _require_allowed(self, scenarios: list[str], vus: int) -> None:
        """Refuse more virtual users than the target allows; else they are granted."""
        now_ns, tried = round(self._elapsed_s() * NS_PER_S), self._allowance.copy()
        for name in scenarios:
            most, beside = tried.most(name, now_ns), tried.beside(name, now_ns)
            if tried.grant(name, vus, now_ns) < vus:
                others = f", of which other scenarios have {beside:,}" if beside else ""
                raise Refusal(
                    f"{vus:,} virtual users of scenario {name} are more than the target allows "
                    f"(max_vus: {tried.cap:,}{others})",
                    f"{most:,} at most; those scaled down count until they have finished",
                )
        self._allowance = tried

    def _chosen(self, request: dict[str, Any]) -> list[CompiledScenario]:
        """The scenarios that a request is about: the one that it names, or all."""
        name = request.get("scenario")
        scenarios = self._log.view.workload.scenarios
        if name is None:
            return list(scenarios)
        names = [one.name for one in scenarios]
        if name not in names:
            near = suggest(str(name), names, lead="did you mean ")
            raise Refusal(
                f"the run has no scenario {name}", near or f"scenarios: {', '.join(names)}"
            )
        return [one for one in scenarios if one.name == name]

    def _count_pause(self) -> None:
        if self._paused:
            self._paused_for_s += self._log.view.elapsed_s - self._paused_at_s

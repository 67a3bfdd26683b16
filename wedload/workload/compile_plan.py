"""The compile step: a plan and its settings become a workload. Pure; no clock, no I/O.

Every process of a run compiles the same plan with the same settings, so that all of them number
series and phases alike; only the segment differs.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from wedload.about import __version__
from wedload.metrics.catalogue import Catalogue, Phase, Series
from wedload.plan.fault_times import FaultSpan, fault_spans
from wedload.plan.scenarios import CLEANUP, SETUP, TEARDOWN
from wedload.plan.secrets.vault import Vault
from wedload.workload.compile_steps import HttpDestination, StepCompiler
from wedload.workload.compiled import CompiledIdentity, CompiledStep, CompiledWorkflow
from wedload.workload.permits import Permits
from wedload.workload.phases import Dimension, fault_dimensions, phases_of
from wedload.workload.render_parts import json_value
from wedload.workload.request import split_url
from wedload.workload.schedule import (
    ArrivalSchedule,
    Schedule,
    Stage,
    VuSchedule,
    schedule_of,
)
from wedload.workload.step_lists import perhaps_done, verbs_of
from wedload.workload.sweep import Sweep, compile_sweep
from wedload.workload.verbs.http import compile_identity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wedload.plan.database_places import Place
    from wedload.plan.model import Plan, Scenario
    from wedload.workload.request import Origin

NO_PHASE = 0  # of samples outside of the load
_BEFORE_NS = -(1 << 62)  # any instant before the load


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run adds to its plan."""

    target: str
    base_url: str
    run_id: str = ""
    max_rate_per_s: float | None = None  # requests of all load processes; None: as many as come
    seed: int = 0
    time_scale: float = 1.0
    once: bool = False  # every workflow once, by one virtual user
    probes: int = 0  # stretches at rates that are told while it runs, at most; 0: the plan says all
    #: the most that the target and its owner allow, all scenarios together; None: no cap
    max_vus: int | None = None
    max_duration_ns: int | None = None
    #: the plan's folder, where `python` steps look for their modules; None: they may not run
    python_folder: str | None = None
    env: Vault = field(default_factory=Vault)  # what expressions may read of the environment …
    secrets: Vault = field(default_factory=Vault)  # … and of secret files
    ears: str = ""  # path of the Unix socket at which channels are heard, if there are any
    permits: Permits = field(default_factory=Permits)  # what may be contacted beyond this machine
    journal: str = ""  # folder of the clean-up journal; empty: none is kept
    #: it is another run's, which is gone: there is no load, nor what hears it
    recovers: bool = False
    #: what `${channels.NAME.url}` reads: the addresses of receivers that are there already
    channels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: what `${dependencies.NAME.url}` and `.address` read
    dependencies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    proxies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # the same of these
    spans: str = ""  # where spans are received; empty: nowhere, and nothing is traced
    #: where the databases are, reached and allowed; what is in them is not shown
    databases: Mapping[str, Place] = field(default_factory=dict)

    @property
    def addresses(self) -> dict[str, Mapping[str, Any]]:
        """All of these, by the name that expressions have for each; and which run it is."""
        return {
            "channels": self.channels,
            "dependencies": self.dependencies,
            "proxies": self.proxies,
            "run": {"id": self.run_id},
            "tracing": {"endpoint": self.spans},
        }


@dataclass(frozen=True, slots=True)
class CompiledScenario:
    """When virtual users come and go, and what each of them does."""

    name: str
    series: int  # of the scenario as a whole
    start_ns: int  # from the start of the load
    schedule: Schedule
    graceful_stop_ns: int
    pace_ns: int | None
    workflows: tuple[CompiledWorkflow, ...]
    cumulative_weights: tuple[int, ...]  # of the workflows
    phases: tuple[tuple[int, int], ...]  # (begin, ns from the scenario's start; phase)
    once: bool
    probe_phases: tuple[int, ...] = ()  # of stretches whose begin is told while it runs

    @property
    def end_ns(self) -> int:
        """End of its stages, ns from the start of the load."""
        return self.start_ns + self.schedule.duration_ns


@dataclass(frozen=True, slots=True)
class Workload:
    """All that will happen."""

    catalogue: Catalogue
    scenarios: tuple[CompiledScenario, ...]
    setup: tuple[CompiledStep, ...]
    teardown: tuple[CompiledStep, ...]
    #: (scenario, identity) -> how to sign in; set-up, tear-down and a sweep are scenarios here
    identities: dict[tuple[str, str], CompiledIdentity]
    variables: tuple[tuple[str, Callable[[Any], Any]], ...]
    cleanup_series: int
    channels: dict[str, int]  # name -> series of the channel itself, in the order of the plan
    dependencies: dict[str, int] = field(default_factory=dict)  # third party -> its series
    faults: tuple[FaultSpan, ...] = ()
    #: phases of the run as a whole, which faults make up: (begin, ns from that of the load; phase)
    run_phases: tuple[tuple[int, int], ...] = ((_BEFORE_NS, NO_PHASE),)
    sweep: Sweep | None = None
    #: where routes lead beside the target -> where that is, whose cookies they get
    homes: Mapping[Origin, Origin] = field(default_factory=dict)

    @property
    def end_ns(self) -> int:
        """End of the last stage, ns from the start of the load."""
        return max(scenario.end_ns for scenario in self.scenarios)

    @property
    def most_vus(self) -> int:
        """The highest number of virtual users that all scenarios together can ask for."""
        return sum(scenario.schedule.most_vus for scenario in self.scenarios)

    def identities_of(self, scenario: str) -> dict[str, CompiledIdentity]:
        """Those that the steps of one scenario can be."""
        return {name: one for (of, name), one in self.identities.items() if of == scenario}

    @property
    def verbs(self) -> set[str]:
        """What its steps do; those that no virtual user runs aside."""
        workflows = [flow.steps for scenario in self.scenarios for flow in scenario.workflows]
        return verbs_of((self.setup, self.teardown, *workflows))

    @property
    def teardown_verbs(self) -> set[str]:
        """What the steps of tear-down do."""
        return verbs_of([self.teardown])


def probe_name(number: int) -> str:
    """What a stretch at a rate that is told while it runs is called, from 1: a stage."""
    return f"probe {number}"


def run_headers(plan: Plan, settings: Settings) -> dict[str, str]:
    """What tells a target of which run a request is: a header with its id, or none."""
    name = plan.http.run_header
    return {} if name is None or not settings.run_id else {name: settings.run_id}


def compile_workload(
    plan: Plan, settings: Settings, *, accept_encoding: str = "gzip, deflate"
) -> Workload:
    """Compile a plan that has been checked; `accept_encoding` is what its client can decode."""
    destination = _destination(plan, settings, accept_encoding)
    catalogue = Catalogue()
    catalogue.add_phase(Phase(""))
    identities: dict[tuple[str, str], CompiledIdentity] = {}

    def compiler(scenario: str, *, judged: bool) -> StepCompiler:
        steps = StepCompiler(
            plan=plan,
            destination=destination,
            catalogue=catalogue,
            scenario=scenario,
            judged=judged,
        )
        for name, identity in plan.identities.items():
            identities[scenario, name] = compile_identity(steps, name, identity)
        return steps

    faults = fault_spans(plan.faults, settings.time_scale)
    setup = compiler(SETUP, judged=False).steps(plan.setup, None) if plan.setup else ()
    scenarios = tuple(
        _scenario(plan, name, scenario, settings, compiler(name, judged=True), faults)
        for name, scenario in plan.scenarios.items()
    )
    teardown = compiler(TEARDOWN, judged=False).steps(plan.teardown, None) if plan.teardown else ()
    if settings.recovers:
        teardown = perhaps_done(teardown)
    cleanup = catalogue.add_series(Series(CLEANUP, step="clean up", judged=False, verb="http"))
    sweep = None
    if plan.cleanup.sweeps:
        sweep = compile_sweep(compiler(CLEANUP, judged=False), plan.cleanup)
    return Workload(
        catalogue,
        scenarios,
        setup,
        teardown,
        identities,
        tuple((name, json_value(value.value)) for name, value in plan.variables.items()),
        cleanup,
        {name: catalogue.add_series(Series("", channel=name)) for name in plan.channels},
        {name: catalogue.add_series(Series("", dependency=name)) for name in plan.dependencies},
        faults,
        _run_phases(faults, max(one.end_ns for one in scenarios), catalogue),
        sweep,
        _homes(plan, destination.origin),
    )


def _homes(plan: Plan, target: Origin) -> dict[Origin, Origin]:
    urls = (url for route in plan.routes.values() for url in (route.direct, route.via) if url)
    return {origin: target for url in urls if (origin := split_url(url)[0]) != target}


def _destination(plan: Plan, settings: Settings, accept_encoding: str) -> HttpDestination:
    """The target, and what all requests are sent with."""
    built_in_headers = {
        "Accept": "*/*",
        "Accept-Encoding": accept_encoding,
        "User-Agent": f"wedload/{__version__}",
        **run_headers(plan, settings),
    }
    origin, base_target = split_url(settings.base_url)
    base_path = base_target.decode().rstrip("/")
    return HttpDestination(origin, base_path, plan.targets[settings.target], built_in_headers)


def _scenario(
    plan: Plan,
    name: str,
    scenario: Scenario,
    settings: Settings,
    steps: StepCompiler,
    faults: tuple[FaultSpan, ...],
) -> CompiledScenario:
    weights = scenario.mix or {str(scenario.workflow): 1}
    workflows = tuple(
        CompiledWorkflow(
            workflow,
            steps.catalogue.add_series(Series(name, workflow)),
            steps.steps(plan.workflows[workflow], workflow),
        )
        for workflow in weights
    )
    schedule = schedule_of(scenario, settings.time_scale, f"{settings.seed}/{name}")
    if settings.once:
        schedule = VuSchedule(1, (Stage("once", 0, 1),))
    if settings.probes and isinstance(schedule, ArrivalSchedule):
        schedule = replace(schedule, probes=settings.probes, drop=True)
    start_ns = 0 if settings.once else round(scenario.start_time * settings.time_scale)
    return CompiledScenario(
        name=name,
        series=steps.catalogue.add_series(Series(name)),
        start_ns=start_ns,
        schedule=schedule,
        graceful_stop_ns=scenario.graceful_stop,
        pace_ns=None if settings.once else scenario.pace,
        workflows=workflows,
        cumulative_weights=tuple(accumulate(weights.values())),
        phases=_phases(name, start_ns, schedule, faults, steps.catalogue),
        once=settings.once,
        probe_phases=tuple(
            steps.catalogue.add_phase(Phase(name, probe_name(number)))
            for number in range(1, settings.probes + 1)
        ),
    )


def _phases(
    name: str,
    start_ns: int,
    schedule: Schedule,
    faults: tuple[FaultSpan, ...],
    catalogue: Catalogue,
) -> tuple[tuple[int, int], ...]:
    """A phase for each stage that lasts, and one for what still runs after the last.

    Those in which faults come or go are cut there. Each with when it begins, from the scenario's
    own begin on.
    """
    changes, begin_ns = [], 0
    for stage in schedule.stages:
        if stage.duration_ns:
            changes.append((begin_ns, stage.name or None))
        begin_ns += stage.duration_ns
    stages = Dimension("stage", (*changes, (begin_ns, None)))
    dimensions = [stages, *fault_dimensions(faults, start_ns, begin_ns)]
    phases = phases_of(name, dimensions, start_ns)
    return tuple((begin_ns, catalogue.add_phase(phase)) for begin_ns, phase in phases)


def _run_phases(
    faults: tuple[FaultSpan, ...], end_ns: int, catalogue: Catalogue
) -> tuple[tuple[int, int], ...]:
    """The phases of what belongs to no scenario; without faults there is but one."""
    phases = []
    if faults:
        load = Dimension("load", ((0, None), (end_ns, None)))  # where rates per second end
        phases = phases_of("", [load, *fault_dimensions(faults, 0, end_ns)])
    return (
        (_BEFORE_NS, NO_PHASE),
        *((begin_ns, catalogue.add_phase(phase)) for begin_ns, phase in phases),
    )

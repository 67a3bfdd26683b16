"""`wedload check`."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import uvloop

from wedload.cli.loading import load_with_options, telling
from wedload.errors import PlanError, TargetError
from wedload.fleet.demand import demand_of
from wedload.fleet.limits import limits_here, needs_words, shortages
from wedload.fleet.packages import missing_for, require_packages, tracing_missing
from wedload.fleet.proving import prove
from wedload.fleet.reach import require_known
from wedload.plan.secrets.environment import (
    Environment,
    absent_secrets,
    readable,
    secret_files,
    unset_names,
)
from wedload.plan.secrets.held import held_secrets, secret_problems
from wedload.plan.secrets.vault import Vault
from wedload.plan.targets import choose_target
from wedload.plan.uses import env_names
from wedload.report.columns import WIDTH
from wedload.report.console import SafeConsole
from wedload.report.explain import explain
from wedload.report.explain_certificates import certificate_lines, trust_line
from wedload.report.explain_data import data_lines
from wedload.report.explain_limits import cap_line
from wedload.report.explain_lines import print_lines
from wedload.report.explain_monitoring import monitoring_lines
from wedload.report.explain_secrets import secret_lines
from wedload.report.explain_tracing import tracing_lines
from wedload.safety.caps import beyond_caps, require_within_caps, with_owners_caps
from wedload.safety.outlook import outlook
from wedload.safety.own_code import OPTION, own_code
from wedload.safety.redactor import KNOWN
from wedload.workload.compile_plan import Settings, compile_workload
from wedload.workload.fanout import beyond_limits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.console import Console

    from wedload.errors import Problem
    from wedload.plan.loader import LoadedPlan
    from wedload.plan.model import Plan
    from wedload.plan.reshape import Shape
    from wedload.report.explain_lines import Line
    from wedload.workload.compile_plan import Workload

#: stands for the address of a sandbox that is not started
_NOWHERE: Final = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True)
class CheckArguments:
    """The options of `wedload check`, as given."""

    plans: tuple[Path, ...]
    target: str | None
    shape: Shape
    time_scale: float
    overrides: tuple[str, ...]
    allow_files: tuple[Path, ...]
    proving: bool
    production: bool


def check_command(arguments: CheckArguments) -> None:
    """Explain every plan that can be run, and report the problems of all that cannot.

    Nobody is contacted, but for the proofs of the target's hosts if `proving`.

    Raises:
        PlanError: with the problems of all plans, and what a run will refuse.
        TargetError: nobody knows the name of a target that is to be proven.
        UsageError: the options are wrong.
    """
    console = SafeConsole(width=WIDTH)
    problems: list[Problem] = []
    unknown: TargetError | None = None
    for path in arguments.plans:
        try:
            _check(path, arguments, console)
        except PlanError as error:
            problems += error.problems
        except TargetError as error:
            unknown = error
    if problems:
        raise PlanError(problems)
    if unknown is not None:
        raise unknown


def _check(path: Path, arguments: CheckArguments, console: Console) -> None:
    """Explain a plan.

    Raises:
        PlanError: it is wrong, and nothing is said; or, after that, a run will refuse it.
        TargetError: after all is said, as nobody knows the target's name.
    """
    loaded, said = load_with_options(
        path,
        arguments.shape,
        time_scale=arguments.time_scale,
        overrides=arguments.overrides,
        allow_files=arguments.allow_files,
        tell=telling(SafeConsole(stderr=True)),
    )
    name, target = choose_target(loaded.plan, arguments.target)
    require_packages(name, target)
    settings = Settings(
        target=name,
        base_url=target.base_url or _NOWHERE,
        time_scale=arguments.time_scale,
        max_vus=target.max_vus,
        max_duration_ns=target.max_duration,
    )
    require_within_caps(loaded, settings)
    workload = compile_workload(loaded.plan, settings)
    explain(loaded, workload, name, console, time_scale=arguments.time_scale)
    refused: list[Problem] = []  # what a run will not begin with
    unknown: TargetError | None = None
    destination: list[Line] = []
    try:
        destination += _destination(loaded, settings, arguments, refused)
    except TargetError as error:
        unknown = error
    for lines in (
        destination,
        cap_line(target),
        trust_line(target),
        certificate_lines(loaded),
        data_lines(loaded.data),
        tracing_lines(loaded.plan, name, missing=tracing_missing()),
        monitoring_lines(loaded.plan, missing_for(loaded.plan.monitoring)),
        _machine(loaded.plan, workload, name),
        _secrets(loaded, name, refused),
        ((line, "yellow") for line in said),
        _to_be_given(loaded, name),
    ):
        print_lines(lines, console)
    console.print()
    if refused:
        raise PlanError(refused)
    if unknown is not None:
        raise unknown


def _destination(
    loaded: LoadedPlan, settings: Settings, arguments: CheckArguments, refused: list[Problem]
) -> Iterator[Line]:
    """Whether load may go where the plan leads: as far as is known here, or as proofs say."""
    if arguments.proving:
        yield from _proven(loaded, settings, refused, production=arguments.production)
    else:
        lines = outlook(loaded.plan, settings.target, production=arguments.production)
        yield from ((line, "yellow") for line in lines)


def _proven(
    loaded: LoadedPlan, settings: Settings, refused: list[Problem], *, production: bool
) -> Iterator[Line]:
    """Ask for the proofs that a run would ask for, and tell what comes of it.

    Raises:
        TargetError: nobody knows the target's name.
    """
    plan, name = loaded.plan, settings.target
    target = plan.targets[name]
    proxied = plan.http.proxy if target.proxy is None else target.proxy  # and may know more names
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            permits = runner.run(prove(loaded, name, production=production))
            if not (permits.hosts or proxied):
                runner.run(require_known(name, target))
    except PlanError as error:
        refused += error.problems
        return
    capped = with_owners_caps(replace(settings, permits=permits))
    refused += beyond_caps(loaded, capped)
    for permit in permits.hosts:
        yield f"proven: {permit.host} ({', '.join(permit.addresses)})", "green"
    if not permits.hosts:
        yield f"target {name} is on this machine, and needs no proof", "green"


def _machine(plan: Plan, workload: Workload, target: str) -> Iterator[Line]:
    """What one load process needs of this machine, and what there may be too little of."""
    demand, limits = demand_of(plan, workload, target, 1), limits_here()
    yield needs_words(demand, limits), "dim"
    for problem in (*beyond_limits(plan, workload), *shortages(demand, limits)):
        yield problem, "yellow"


def _secrets(loaded: LoadedPlan, name: str, refused: list[Problem]) -> Iterator[Line]:
    """Which secrets are there, and what tokens say of themselves."""
    plan = loaded.plan
    env = readable(plan, os.environ)
    files, problems = secret_files(loaded, os.environ, name, but=absent_secrets(loaded, name))
    KNOWN.learn(Environment(Vault(env), Vault(files), env_names(plan)).certain)
    held = held_secrets(loaded, name, env, files)
    refused += problems
    refused += secret_problems(loaded, held, plan.targets[name], datetime.now(UTC))
    yield from secret_lines(held)


def _to_be_given(loaded: LoadedPlan, target: str) -> Iterator[Line]:
    """What whoever starts a run has to give it: options, and the environment."""
    if code := own_code(loaded):
        places = ", ".join(f"{one.file}:{one.line}" for one in code)
        yield f"needs {OPTION}, as steps run code of the plan's own: {places}", "yellow"
    if unset := unset_names(loaded.plan, os.environ, target):
        yield f"needs from the environment: {', '.join(unset)} (not set)", "yellow"
    if absent := absent_secrets(loaded, target):
        yield f"needs secret files: {', '.join(absent.values())} (not there)", "yellow"

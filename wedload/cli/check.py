"""`wedload check`."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop
from rich.padding import Padding
from rich.text import Text

from wedload.cli.loading import load_with_options, telling
from wedload.errors import PlanError, UsageError
from wedload.fleet.demand import demand_of
from wedload.fleet.limits import few_files, few_ports, limits_here, require_open_files
from wedload.fleet.packages import require_packages
from wedload.fleet.proving import prove
from wedload.plan.environment import Environment, readable, secret_files, unset_names
from wedload.plan.held_secrets import held_secrets, secret_problems
from wedload.plan.secret import Vault
from wedload.plan.targets import choose_target
from wedload.plan.uses import env_names
from wedload.report.accepted_words import accepted_words
from wedload.report.console import SafeConsole
from wedload.report.explain import explain
from wedload.report.explain_secrets import secret_lines
from wedload.safety.caps import beyond_caps, with_owners_caps
from wedload.safety.outlook import outlook
from wedload.safety.own_code import OPTION, own_code
from wedload.safety.redactor import KNOWN
from wedload.units import counted, format_duration_ns
from wedload.workload.compile_plan import Settings, compile_workload
from wedload.workload.fanout import beyond_limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from wedload.errors import Problem
    from wedload.plan.loader import LoadedPlan
    from wedload.plan.model import Plan, Target
    from wedload.plan.reshape import Shape
    from wedload.workload.compile_plan import Workload

#: stands for the address of a sandbox that is not started
_NOWHERE = "http://127.0.0.1:9"


def check_command(
    plans: Sequence[Path],
    shape: Shape,
    *,
    target: str | None,
    time_scale: float,
    overrides: tuple[str, ...],
    proving: bool,
    production: bool,
    allow_files: tuple[Path, ...] = (),
) -> None:
    """Explain every plan that can be run, and report the problems of all that cannot.

    Nobody is contacted, but for the proofs of the target's hosts if `proving`.

    Raises:
        PlanError: with the problems of all plans.
    """
    console = SafeConsole(width=80)
    problems: list[Problem] = []
    for path in plans:
        try:
            loaded, said = load_with_options(
                path,
                shape,
                time_scale=time_scale,
                overrides=overrides,
                allow_files=allow_files,
                tell=telling(SafeConsole(stderr=True)),
            )
            name, chosen = choose_target(loaded.plan, target)
        except PlanError as error:
            problems += error.problems
            continue
        require_packages(name, chosen)
        settings = Settings(
            target=name,
            base_url=chosen.base_url or _NOWHERE,
            time_scale=time_scale,
            max_vus=chosen.max_vus,
            max_duration_ns=chosen.max_duration,
        )
        if beyond := beyond_caps(loaded, settings):
            problems += beyond
            continue
        workload = compile_workload(loaded.plan, settings)
        explain(loaded, workload, name, console, time_scale=time_scale)
        if proving:
            _prove(loaded, settings, console, production=production)
        else:
            for line in outlook(loaded.plan, name, production=production):
                console.print(Padding(Text(line, style="yellow"), (0, 0, 0, 1)), width=80)
        _explain_caps(chosen, console)
        _explain_trust(chosen, console)
        _explain_certificates(loaded, console)
        _explain_data(loaded, console)
        _explain_limits(loaded.plan, workload, name, console)
        _explain_secrets(loaded, name, chosen, console)
        if code := own_code(loaded):
            places = ", ".join(f"{one.file}:{one.line}" for one in code)
            said = [*said, f"needs {OPTION}, as steps run code of the plan's own: {places}"]
        if unset := unset_names(loaded.plan, os.environ, name):
            said = [*said, f"needs from the environment: {', '.join(unset)} (not set)"]
        for line in said:
            console.print(Text(f" {line}", style="yellow"))
        console.print()
    if problems:
        raise PlanError(problems)


def _prove(loaded: LoadedPlan, settings: Settings, console: Console, *, production: bool) -> None:
    """Ask for the proofs that a run would ask for, and tell what comes of it."""

    def tell(text: str, style: str = "yellow") -> None:
        console.print(Padding(Text(text, style=style), (0, 0, 0, 1)), width=80)

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            permits = runner.run(prove(loaded, settings.target, production=production))
    except PlanError as error:
        for problem in error.problems:
            tell(f"a run will refuse this: {problem}")
        return
    for problem in beyond_caps(loaded, with_owners_caps(replace(settings, permits=permits))):
        tell(f"a run will refuse this: {problem}")
    for permit in permits.hosts:
        tell(f"proven: {permit.host} ({', '.join(permit.addresses)})", "green")
    if not permits.hosts:
        tell(f"target {settings.target} is on this machine, and needs no proof", "green")


def _explain_caps(target: Target, console: Console) -> None:
    """The most that the plan lets any load to this target be."""
    caps = [] if target.max_vus is None else [f"{counted(target.max_vus, 'virtual user')}"]
    if target.max_duration is not None:
        caps.append(format_duration_ns(target.max_duration))
    if caps:
        console.print(
            f" the target allows {' and '.join(caps)} at most", style="dim", highlight=False
        )


def _explain_trust(target: Target, console: Console) -> None:
    """That anybody between here and the target could answer in its place, if so."""
    if not target.tls.verify:
        text = " certificates of the target are not verified: tls.verify = false"
        console.print(text, style="yellow", highlight=False)


def _explain_certificates(loaded: LoadedPlan, console: Console) -> None:
    """Whether the files are there with which receivers speak TLS."""
    for name, channel in loaded.plan.channels.items():
        files = () if channel.tls is None else (channel.tls.cert, channel.tls.key)
        for file in files:
            if not os.access(file, os.R_OK):
                shown = os.path.relpath(file, Path(loaded.file).parent.resolve())
                text = (
                    f"a run will refuse the channel {name}: tls: {shown} cannot be read from here"
                )
                console.print(Padding(Text(text, style="yellow"), (0, 0, 0, 1)), width=80)


def _explain_secrets(loaded: LoadedPlan, name: str, target: Target, console: Console) -> None:
    """Which secrets are there, what tokens say of themselves, and what a run will refuse."""
    env = readable(loaded.plan, os.environ)
    files, problems = secret_files(loaded, os.environ, name)
    held = held_secrets(loaded, name, env, files)
    KNOWN.learn(Environment(Vault(env), Vault(files), env_names(loaded.plan)).certain)
    for line, style in secret_lines(held):
        console.print(Padding(Text(line, style=style), (0, 0, 0, 1)), width=80)
    problems += secret_problems(loaded, held, target, datetime.now(UTC))
    for problem in problems:
        text = Text(f"a run will refuse this: {problem}", style="yellow")
        console.print(Padding(text, (0, 0, 0, 1)), width=80)


def _explain_data(loaded: LoadedPlan, console: Console) -> None:
    """What was let pass although it may be somebody's, and what nobody looked into."""
    lines = [Text(accepted_words(one), style="yellow") for one in loaded.data.accepted]
    if loaded.data.unscanned:
        files = ", ".join(loaded.data.unscanned)
        lines.append(Text(f"not looked into for personal data: {files}", style="dim"))
    for line in lines:
        console.print(Padding(line, (0, 0, 0, 1)), width=80)


def _explain_limits(plan: Plan, workload: Workload, target: str, console: Console) -> None:
    """What one load process needs of this machine's open files and local ports."""
    demand, limits = demand_of(plan, workload, target, 1), limits_here()
    needed = demand.open_files
    more = "" if needed.most == needed.sure else f", {needed.most:,} at most"
    files = "no limit" if limits.open_files is None else f"limit {limits.open_files:,}"
    ports = "" if limits.local_ports is None else f" of {limits.local_ports:,}"
    console.print(
        f" needs about {needed.sure:,} open files{more} ({files}) and "
        f"{demand.connections:,}{ports} local ports",
        style="dim", highlight=False,
    )  # fmt: skip
    problems = [few_ports(demand, limits), *beyond_limits(plan, workload)]
    try:
        require_open_files(demand, limits, 1)
        problems.append(few_files(demand, limits, 1))
    except UsageError as error:
        problems.append(f"{error.message[:1].upper()}{error.message[1:]}; {error.hint}.")
    for problem in filter(None, problems):
        console.print(Padding(Text(problem, style="yellow"), (0, 0, 0, 1)), width=80)

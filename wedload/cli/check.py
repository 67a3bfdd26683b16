"""`wedload check`."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

from wedload.cli.loading import load_with_options
from wedload.errors import PlanError, UsageError
from wedload.fleet.demand import demand_of
from wedload.fleet.limits import few_files, few_ports, limits_here, require_open_files
from wedload.fleet.packages import require_packages
from wedload.fleet.reach import channel_hosts
from wedload.plan.environment import Environment, readable, secret_files, unset_names
from wedload.plan.fault_proxies import host_and_port
from wedload.plan.held_secrets import held_secrets, secret_problems
from wedload.plan.secret import Vault
from wedload.plan.targets import choose_target
from wedload.plan.uses import env_names
from wedload.report.console import SafeConsole
from wedload.report.explain import explain
from wedload.report.explain_secrets import secret_lines
from wedload.safety.redactor import KNOWN
from wedload.safety.target_guard import BlockedAddressError, guard_of
from wedload.workload.compile_plan import Settings, compile_workload
from wedload.workload.fanout import beyond_limits
from wedload.workload.request import split_url

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

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
) -> None:
    """Explain every plan that can be run, and report the problems of all that cannot.

    Raises:
        PlanError: with the problems of all plans.
    """
    console = SafeConsole(width=80)
    problems: list[Problem] = []
    for path in plans:
        try:
            loaded, said = load_with_options(
                path, shape, time_scale=time_scale, overrides=overrides
            )
            name, chosen = choose_target(loaded.plan, target)
        except PlanError as error:
            problems += error.problems
            continue
        require_packages(name, chosen)
        settings = Settings(
            target=name, base_url=chosen.base_url or _NOWHERE, time_scale=time_scale
        )
        workload = compile_workload(loaded.plan, settings)
        explain(loaded, workload, name, console, time_scale=time_scale)
        host = split_url(settings.base_url)[0].host
        _explain_place("this target", host, chosen, console)
        for channel, _, host, _ in channel_hosts(loaded.plan):
            _explain_place(f"the channel {channel}", host, chosen, console)
        for proxy, one in loaded.plan.proxies.items():
            if (address := host_and_port(one.upstream)) is not None:
                _explain_place(f"the proxy {proxy}", address[0], chosen, console)
        _explain_certificates(loaded.plan, console)
        _explain_limits(loaded.plan, workload, name, console)
        _explain_secrets(loaded, name, chosen, console)
        if unset := unset_names(loaded.plan, os.environ, name):
            said = [*said, f"needs from the environment: {', '.join(unset)} (not set)"]
        for line in said:
            console.print(Text(f" {line}", style="yellow"))
        console.print()
    if problems:
        raise PlanError(problems)


def _explain_place(what: str, host: str, target: Target, console: Console) -> None:
    """Whether load may go to an address; a name is looked up only by a run."""
    try:
        guard_of(target).require_allowed(target.led_to(host)[0] or host, host)
    except BlockedAddressError as error:
        line = Text(f"a run will refuse {what}: {error}", style="yellow")
        console.print(Padding(line, (0, 0, 0, 1)), width=80)
    except ValueError:  # a name
        pass


def _explain_certificates(plan: Plan, console: Console) -> None:
    """Whether the files are there with which receivers speak TLS."""
    for name, channel in plan.channels.items():
        files = () if channel.tls is None else (channel.tls.cert, channel.tls.key)
        for file in files:
            if not os.access(file, os.R_OK):
                text = f"a run will refuse the channel {name}: tls: {file} cannot be read from here"
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

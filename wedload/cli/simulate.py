"""`wedload simulate`."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
import typer
import uvloop
from rich.text import Text

from wedload.cli.loading import load_with_options, telling
from wedload.errors import ExitCode, UsageError, WedloadError
from wedload.plan.reshape import Shape
from wedload.plan.secrets.environment import readable
from wedload.report.console import SafeConsole
from wedload.report.simulation import print_simulated
from wedload.run.simulation import SimulationOptions, simulate
from wedload.safety.target_guard import LOOPBACK_ONLY

if TYPE_CHECKING:
    from pathlib import Path

    from wedload.plan.model import Plan
    from wedload.simulators.world import Places


@dataclass(frozen=True, slots=True)
class SimulateArguments:
    """The options of `wedload simulate`, as given."""

    plan: Path
    seed: int | None
    time_scale: float
    faults: bool
    quiet: bool
    overrides: tuple[str, ...]
    allow_files: tuple[Path, ...]


def simulate_command(arguments: SimulateArguments) -> int:
    """Play third parties until interrupted, and sum up; the exit code."""
    console = SafeConsole(stderr=True, quiet=arguments.quiet)
    loaded, _ = load_with_options(
        arguments.plan,
        Shape(None, None, ()),
        time_scale=arguments.time_scale,
        overrides=arguments.overrides,
        allow_files=arguments.allow_files,
        tell=telling(console),
    )
    plan = loaded.plan
    if not (plan.dependencies or plan.proxies):
        raise UsageError(
            f"{arguments.plan} has no third parties and no proxies",
            'write [dependencies.NAME] with simulate = "google-calendar", "email" or "http"',
        )
    seed = secrets.randbits(32) if arguments.seed is None else arguments.seed
    options = SimulationOptions(
        seed=seed,
        time_scale=arguments.time_scale,
        faults=arguments.faults,
        env=readable(plan, os.environ),
    )

    def tell(text: str) -> None:
        console.print(Text(f" {text}", style="dim"), soft_wrap=True)

    def ready(places: Places) -> None:
        for line in _lines(plan, places):
            console.print(Text(f" {line}"), soft_wrap=True)
        if plan.faults and not arguments.faults:
            tell("no fault will happen; with --faults they do, counted from the start")
        tell(f"seed {seed}; Ctrl-C ends it")
        _announce(places, seed)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        done = runner.run(simulate(plan, options, LOOPBACK_ONLY, ready=ready, tell=tell))
    print_simulated(plan, done, console)
    return int(ExitCode.OK)


def _lines(plan: Plan, places: Places) -> list[str]:
    """Where each is; a third party behind a proxy has the address of that, too."""
    lines = [
        f"{name} ({plan.dependencies[name].simulate}): {place['url']}"
        for name, place in places.dependencies.items()
    ]
    lines += [
        f"proxy {name} to {plan.proxies[name].upstream}: {place['address']}"
        for name, place in places.proxies.items()
    ]
    return lines


def _announce(places: Places, seed: int) -> None:
    said: dict[str, Any] = {
        "event": "ready",
        "pid": os.getpid(),
        "seed": seed,
        "dependencies": places.dependencies,
        "proxies": places.proxies,
    }
    try:
        with suppress(BrokenPipeError):  # nobody needs to read it
            typer.echo(orjson.dumps(said))
    except OSError as error:
        # what is still buffered must not fail once more when the interpreter ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        why = error.strerror or error
        raise WedloadError(f"where they are could not be written to stdout: {why}") from None

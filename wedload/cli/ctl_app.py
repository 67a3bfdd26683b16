"""The commands of `wedload ctl` and their options; no logic beyond reading them."""

from __future__ import annotations

from typing import Annotated

import typer

from wedload.errors import UsageError

ctl = typer.Typer(
    help="Steer a run that is under way on this machine.\n\n"
    "Exit codes: 0 done, 2 the run refuses, or arguments wrong, 4 no such run, or no answer.",
    epilog="Examples: wedload ctl status | wedload ctl scale 200 | wedload ctl stop --all",
    no_args_is_help=True,
    rich_markup_mode=None,
)

RunId = Annotated[
    str | None, typer.Option("--run", metavar="ID", help="Which run; needed if there are several.")
]
ScenarioName = Annotated[
    str | None, typer.Option("--scenario", metavar="NAME", help="One scenario instead of all.")
]


@ctl.command()
def status(run: RunId = None) -> None:
    """Show how a run stands."""
    from wedload.cli.ctl import ctl_command

    ctl_command(run, "status")


@ctl.command(epilog="Example: wedload ctl scale 200 --scenario shoppers")
def scale(
    vus: Annotated[int, typer.Argument(metavar="VUS", min=0, help="Virtual users from now on.")],
    run: RunId = None,
    scenario: ScenarioName = None,
) -> None:
    """Change the number of virtual users.

    Of a scenario with executor externally-controlled.
    """
    from wedload.cli.ctl import ctl_command

    ctl_command(run, "scale", vus=vus, scenario=scenario)


@ctl.command()
def pause(run: RunId = None, scenario: ScenarioName = None) -> None:
    """Keep iterations from starting.

    Those under way go on, and so does the schedule.
    """
    from wedload.cli.ctl import ctl_command

    ctl_command(run, "pause", scenario=scenario)


@ctl.command()
def resume(run: RunId = None, scenario: ScenarioName = None) -> None:
    """Let iterations start again."""
    from wedload.cli.ctl import ctl_command

    ctl_command(run, "resume", scenario=scenario)


@ctl.command(epilog="Examples: wedload ctl stop | wedload ctl stop --all --now")
def stop(
    run: RunId = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every run of this user on this machine.")
    ] = False,
    now: Annotated[
        bool, typer.Option("--now", help="At once, without clean-up and verdict.")
    ] = False,
) -> None:
    """End a run gracefully, as Ctrl-C does.

    Clean-up and verdict still come; a second one stops at once. With --all every run is told to,
    each answer is shown, and one that does not answer is named with its process.
    """
    from wedload.cli.ctl import ctl_command, stop_all_command

    if not every:
        ctl_command(run, "stop", now=now)
    elif run is not None:
        raise UsageError(f"--all is about every run, and --run {run} about one", "choose one")
    else:
        raise typer.Exit(stop_all_command(now=now))

"""`wedload ctl`: steer a run that is under way."""

from __future__ import annotations

import sys
from typing import Any, Final

import typer
from rich.cells import cell_len

from wedload.cli.output import print_json
from wedload.control.client import NoAnswerError, ask, ask_all
from wedload.control.folder import chosen_run, open_runs
from wedload.errors import ExitCode, WedloadError
from wedload.report.columns import WIDTH, fitted
from wedload.report.marks import MARKS
from wedload.results.nouns import per_s
from wedload.units import format_clock, format_ratio, format_value

_REQUIRE: Final = 44  # columns that a requirement has at most


def ctl_command(run_id: str | None, do: str, **what: Any) -> None:
    """Ask a run for something, and say what became of it."""
    answer = ask(chosen_run(run_id), {"do": do, **what})
    if not sys.stdout.isatty():
        print_json(answer)
    elif do == "status":
        typer.echo(status_text(answer))
    else:
        typer.echo(_done(do, answer))


def stop_all_command(*, now: bool) -> int:
    """Ask every run of this user to end, and say what became of each; the exit code."""
    answers = ask_all(open_runs().values(), {"do": "stop", "now": now})
    silent = [run for run, answer in answers if isinstance(answer, NoAnswerError)]
    if not sys.stdout.isatty():
        print_json({"runs": [_of_run(run, answer) for run, answer in answers]})
    elif not answers:
        typer.echo(" no run is under way here")
    for run, answer in answers:
        if isinstance(answer, NoAnswerError):
            typer.echo(f" {answer.message}\n  {answer.hint or ''}".rstrip(), err=True)
        elif sys.stdout.isatty():
            said = answer.message if isinstance(answer, WedloadError) else _done("stop", answer)
            typer.echo(f" {run}: {said.strip()}")
    return int(ExitCode.FAILED if silent else ExitCode.OK)


def _of_run(run: str, answer: dict[str, Any] | WedloadError) -> dict[str, Any]:
    if not isinstance(answer, WedloadError):
        return {"run": run, **answer}
    pid = {"pid": answer.pid} if isinstance(answer, NoAnswerError) else {}
    return {"run": run, "error": answer.message, "hint": answer.hint, **pid}


def status_text(answer: dict[str, Any]) -> str:
    """How a run stands, for a terminal."""
    paused = f"\n paused: {', '.join(answer['paused'])}" if answer["paused"] else ""
    if (by := answer.get("aborted_by")) is not None:
        paused += f"\n stopping, as this was missed: {by}"
    if (file := answer.get("stop_file")) is not None:
        paused += f"\n stops as soon as there is a file {file}"
    rows = "".join(f"\n{_row(row)}" for row in answer.get("benchmarks", ()))
    return (
        f" {answer['plan']} → {answer['target']}  {answer['run']}\n"
        f" {answer['phase']}, {answer['stage']}, {format_clock(answer['elapsed_s'])} of "
        f"{format_clock(answer['end_s'])}\n"
        f" {answer['vus']:,} VUs  {answer['iterations_per_s']:,.0f} it/s  "
        f"{answer['steps_per_s']:,.0f} {per_s(answer['steps_are'])}  "
        f"failed {format_ratio(answer['failed_ratio'])}{paused}{rows}"
    )


def _row(row: dict[str, Any]) -> str:
    """A benchmark as it stands, in 80 columns."""
    value = format_value(row["observed"], row["unit"])
    require = row["require"]
    room = min(cell_len(require), _REQUIRE)
    mark, _ = MARKS[row["status"]]
    name = fitted(row["name"], WIDTH - room - len(f" {mark}   {value:>10}"))
    return f" {mark} {name}  {fitted(require, room)}{value:>10}"


def _done(do: str, answer: dict[str, Any]) -> str:
    match do:
        case "scale":
            return f" scaled to {answer['vus']:,} virtual users: {', '.join(answer['scaled'])}"
        case "stop":
            if answer.get("now"):
                return " stopping at once: what it created stays"
            return " stopping: iterations under way get 5 s, then come clean-up and verdict"
        case _:
            paused = answer["paused"]
            return f" paused: {', '.join(paused)}" if paused else " nothing is paused"

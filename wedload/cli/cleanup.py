"""`wedload cleanup`."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import uvloop
from rich.text import Text

from wedload.cli.output import print_json
from wedload.errors import ExitCode, JournalError, UsageError, WedloadError
from wedload.plan.expressions.expression import suggest
from wedload.report.console import SafeConsole
from wedload.report.live import PlainView, QuietView
from wedload.results.paths import RUNS, journal_path, journals_in
from wedload.run.recovering import recover_run
from wedload.safety.journal.reader import is_going, read_account
from wedload.units import counted

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from wedload.run.recovering import Recovered, RecoveryOptions
    from wedload.safety.journal.account import Account


@dataclass(frozen=True, slots=True)
class CleanupArguments:
    """The options of `wedload cleanup`, as given."""

    run_id: str | None
    runs: Path | None
    list_only: bool
    allowed: RecoveryOptions
    quiet: bool


@dataclass(slots=True)
class _Done:
    """What came of all of it."""

    recovered: list[Recovered] = field(default_factory=list)
    going: list[str] = field(default_factory=list)  # runs that were left alone
    errors: list[tuple[str, WedloadError]] = field(default_factory=list)

    @property
    def exit_code(self) -> ExitCode:
        if self.errors:
            return max(error.exit_code for _, error in self.errors)
        if any(not one.whole for one in self.recovered):
            return ExitCode.MISSED
        return ExitCode.OK


def cleanup_command(arguments: CleanupArguments) -> int:
    """Clean up after runs, or show what they have left; the exit code."""
    console = SafeConsole(stderr=True, quiet=arguments.quiet)
    found = _journals(arguments)
    if arguments.list_only:
        _list(found, console)
        return int(ExitCode.OK)
    if not found:
        console.print(Text(_nothing(arguments)))
    done = _Done()
    for folder in found:
        _clean(folder, done, console, arguments.allowed, alone=len(found) == 1)
    if not sys.stdout.isatty():
        print_json(_document(done))
    if len(found) == 1 and done.errors:
        raise done.errors[0][1]
    return int(done.exit_code)


def _journals(arguments: CleanupArguments) -> list[Path]:
    """The journals that are asked for.

    Raises:
        UsageError: there is no such run.
    """
    runs = RUNS if arguments.runs is None else arguments.runs
    if arguments.runs is not None and not runs.is_dir():
        raise UsageError(f"--runs {runs} is no folder", "name one that holds the folders of runs")
    run_id = arguments.run_id
    if run_id is None:
        return journals_in(runs)
    if (folder := journal_path(run_id, runs)) in journals_in(runs):
        return [folder]
    if run_id and (runs / run_id).is_dir() and "/" not in run_id:
        return []  # its journal is gone: so nothing is left
    known = [one.parent.name for one in journals_in(runs)]
    near = suggest(run_id, known, lead="did you mean ")
    listed = f"runs that left something: {', '.join(known)}" if known else None
    raise UsageError(f"there is no run {run_id} in {runs}", near or listed)


def _nothing(arguments: CleanupArguments) -> str:
    if arguments.run_id is not None:
        return f" {arguments.run_id} has left nothing: it has no journal any more"
    return f" nothing to clean up: no run in {arguments.runs or RUNS} has left anything"


def _clean(
    folder: Path, done: _Done, console: Console, allowed: RecoveryOptions, *, alone: bool
) -> None:
    """Clean up after one run; what it cannot do is told here, unless it ends the command."""
    run_id = folder.parent.name
    if is_going(str(folder)):
        done.going.append(run_id)
        said = "goes on, or is cleaned up after already: it is left alone"
        console.print(Text(f" {run_id} {said}", style="yellow"), soft_wrap=True)
        return
    observer = QuietView() if console.quiet else PlainView(console)
    console.print(Text(f" {run_id}", style="bold"))
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            recovered = runner.run(recover_run(folder, os.environ, observer, allowed))
    except WedloadError as error:
        done.errors.append((run_id, error))
        if not alone:
            console.print(Text(f" {run_id}: {error}", style="red"), soft_wrap=True)
        return
    done.recovered.append(recovered)
    for line in _words(recovered, folder):
        console.print(line, soft_wrap=True)


def _words(recovered: Recovered, folder: Path) -> list[Text]:
    """What became of a run, for people."""
    count = recovered.count
    said = f"{count.deleted:,} of {count.created:,} deleted"
    if count.absent:
        said += f" ({count.absent:,} not found)"
    if count.swept:
        said += f", {count.swept:,} more swept away"
    if recovered.heard:
        said += f", {counted(recovered.heard, 'silence')} of alerts ended"
    lines = [
        Text.assemble(
            ("✓" if recovered.whole else "✗", "green" if recovered.whole else "bold red"),
            f" {recovered.head.target} ({recovered.head.base_url}): {said}",
        )
    ]
    why = [f"{number:,} left: {reason}" for reason, number in count.reasons.items()]
    if recovered.unknown:
        why.append(
            f"{recovered.unknown:,} perhaps created, and nobody knows what: look for it; a request "
            "that deletes by the run's id would find it ([cleanup] sweep in the plan)"
        )
    lines += [Text(f"   {one}", style="yellow") for one in (*why, *recovered.problems)]
    if not recovered.whole:
        told = (
            f"   its journal stays: {folder}; wedload cleanup {recovered.head.run_id} tries again"
        )
        lines.append(Text(told, style="dim"))
    return [Text(" ").append_text(line) for line in lines]


def _document(done: _Done) -> dict[str, Any]:
    """All of it, for programs."""
    runs = [_run(one) for one in done.recovered]
    counts = ("created", "deleted", "absent", "leaked", "unknown", "swept")
    return {
        **{name: sum(one[name] for one in runs) for name in counts},
        "runs": runs,
        "going": done.going,
        "errors": [{"run": run_id, "message": str(error)} for run_id, error in done.errors],
    }


def _run(one: Recovered) -> dict[str, Any]:
    count = one.count
    return {
        "run": one.head.run_id,
        "target": one.head.target,
        "base_url": one.head.base_url,
        "created": count.created,
        "deleted": count.deleted,
        "absent": count.absent,
        "leaked": count.leaked,
        "unknown": one.unknown,
        "swept": count.swept,
        "silences_ended": one.heard,
        "reasons": count.reasons,
        "problems": one.problems,
        "whole": one.whole,
    }


# --- what is there --------------------------------------------------------------------------------


def _list(folders: list[Path], console: Console) -> None:
    """Show what runs have left; nothing is sent."""
    rows = [_listed(folder) for folder in folders]
    if not sys.stdout.isatty():
        print_json({"runs": rows})
    if not rows:
        console.print(Text(" no run has left anything"))
    for row in rows:
        console.print(Text(f" {_line(row)}"), soft_wrap=True)


def _listed(folder: Path) -> dict[str, Any]:
    row: dict[str, Any] = {"run": folder.parent.name, "going": is_going(str(folder))}
    try:
        secrets = {("env", name): value for name, value in os.environ.items()}
        account = read_account(str(folder), secrets)
    except JournalError as error:
        return row | {"problem": str(error)}
    return row | _facts(account)


def _facts(account: Account) -> dict[str, Any]:
    head = account.head
    return {
        "plan": head.plan_file,
        "started_at": head.started_at,
        "target": head.target,
        "base_url": head.base_url,
        "created": account.created,
        "left": account.created - account.deleted,
        "unknown": 0 if account.swept else account.unknown,
        "silences": len(account.silences),
    }


def _line(row: dict[str, Any]) -> str:
    name = row["run"]
    if "problem" in row:
        return f"{name}  {row['problem']}"
    goes_on = ", goes on" if row["going"] else ""
    unknown = f", {row['unknown']:,} unknown" if row["unknown"] else ""
    silences = f", {counted(row['silences'], 'silence')} of alerts" if row["silences"] else ""
    nothing = not (row["left"] or row["unknown"] or row["going"] or silences)
    unfinished = ", but clean-up has not come to its end" if nothing else ""
    when = row["started_at"][:19].replace("T", " ")
    return (
        f"{name}  {when}  {row['plan']} → {row['target']} ({row['base_url']}): "
        f"{row['left']:,} left{unknown}{silences}{goes_on}{unfinished}"
    )

"""`wedload run`."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import uvloop
from rich.text import Text

from wedload.cli.loading import load_with_options, telling
from wedload.cli.output import require_distinct, require_writable
from wedload.errors import ExitCode, UsageError, WedloadError
from wedload.report.console import SafeConsole
from wedload.report.final import print_final
from wedload.report.live import LiveView, PlainView
from wedload.report.log_lines import LogView
from wedload.results.analysis_model import Analysis
from wedload.results.paths import RUNS, journal_path, leave_no_folder, recording_path, result_path
from wedload.results.save import encode, save
from wedload.run.capacity import plan_of_search
from wedload.run.options import RunOptions
from wedload.run.session import run_plan
from wedload.run.stopping import InterruptedRunError
from wedload.safety.redactor import KNOWN

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from wedload.cli.report_files import ReportFiles
    from wedload.plan.knee import Knee
    from wedload.plan.loader import LoadedPlan
    from wedload.plan.reshape import Shape
    from wedload.report.view import Observer
    from wedload.results.run import Run

_MOST_WORKERS = 256  # more than cores, on any machine of today, only take them from each other
_EXITS = {"pass": ExitCode.OK, "fail": ExitCode.MISSED, "invalid": ExitCode.INVALID}


@dataclass(frozen=True, slots=True)
class RunArguments:
    """The options of `wedload run`, as given."""

    plan: Path
    target: str | None
    shape: Shape
    time_scale: float
    workers: str
    output: Path | None
    report: Path | None
    files: ReportFiles
    seed: int | None
    once: bool
    production: bool
    quiet: bool
    live: bool
    allow_python: bool
    overrides: tuple[str, ...]
    allow_files: tuple[Path, ...]
    tags: tuple[str, ...]
    knee: Knee | None = None


def run_command(arguments: RunArguments) -> int:
    """Run a plan, report, save; the exit code."""
    console = SafeConsole(stderr=True, quiet=arguments.quiet)
    to_terminal = sys.stdout.isatty()  # also if it is gone in the end
    loaded, said = load_with_options(
        arguments.plan,
        arguments.shape,
        time_scale=arguments.time_scale,
        overrides=arguments.overrides,
        allow_files=arguments.allow_files,
        once=arguments.once,
        tell=telling(console),
    )
    knee = arguments.knee
    if knee is not None:
        loaded, more = _searched(loaded, knee, arguments)
        said += more
    for line in said:
        console.print(Text(line, style="yellow"))
    options = _options(arguments)
    _require_outputs(arguments)
    observer, result = _observer(arguments, console), _ResultFile(arguments.output)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            run = runner.run(run_plan(loaded, options, observer, os.environ, result.save))
    except InterruptedRunError as interrupted:
        if isinstance(observer, LogView):
            observer.interrupted(interrupted.message)
        _tell_interrupted(interrupted, console)
        return int(ExitCode.INTERRUPTED)
    if isinstance(observer, LogView):
        observer.verdict(run)
    print_final(run, console, result.analysis)
    console.print(result.told(), soft_wrap=True)
    try:
        if result.problem is not None or not to_terminal:
            _print_result(result.data)  # nothing is lost
    finally:  # a full stdout costs no other file
        _report(result.document, arguments, console)
    return int(ExitCode.INTERRUPTED if run.interrupted else _EXITS[run.verdict.outcome])


def _searched(
    loaded: LoadedPlan, knee: Knee, arguments: RunArguments
) -> tuple[LoadedPlan, list[str]]:
    """The plan of a search for the capacity, and what that means for its rows, in words."""
    others = {
        "--once": arguments.once,
        "--vus, --duration and --stage": bool(arguments.shape),
        "--time-scale": arguments.time_scale != 1,
    }
    for option, given in others.items():
        if given:
            raise UsageError(
                f"--find-knee does not go with {option}",
                "it drives the scenarios at rates of its own: see --knee-from, --knee-to, "
                "--knee-probe and --knee-time",
            )
    loaded, dropped = plan_of_search(loaded, knee, arguments.target)
    return loaded, [f"not judged, as {why}: {row}" for row, why in dropped.items()]


def _options(arguments: RunArguments) -> RunOptions:
    return RunOptions(
        target=arguments.target,
        time_scale=arguments.time_scale,
        seed=arguments.seed,
        once=arguments.once,
        production=arguments.production,
        workers=_workers(arguments.workers),
        allow_python=arguments.allow_python,
        knee=arguments.knee,
        tags=dict(map(_tag, arguments.tags)),
        recording=partial(recording_path, output=arguments.output),
        journal=journal_path,
        result=partial(result_path, output=arguments.output),
    )


def _require_outputs(arguments: RunArguments) -> None:
    """Say before a run that one of its files could not be written."""
    if arguments.output is not None:
        require_writable(arguments.output, "-o", "result.json")
    if arguments.report is not None:
        _check_report(arguments.report)
    arguments.files.require_writable()
    named = {"-o": arguments.output, "--report": arguments.report, **dict(arguments.files.asked())}
    require_distinct(named, {"the plan itself": [arguments.plan]})


class _ResultFile:
    """The result of a run as a document and as a file."""

    def __init__(self, output: Path | None) -> None:
        self._output = output
        self._path: Path | None = None
        self.document: dict[str, Any] = {}
        self.data = b""
        self.problem: str | None = None  # why it could not be written

    def save(self, run: Run) -> None:
        """Make the result and write it; what was recorded of the run then goes."""
        from wedload.run.analysing import analysed_document  # after the load: no start waits for it

        self.document = KNOWN.document(analysed_document(run))
        self.data = encode(self.document)
        run_id = run.info.run_id
        path, recording = result_path(run_id, self._output), recording_path(run_id, self._output)
        try:
            save(self.data, path, make_folder=self._output is None)
        except OSError as error:
            why = error.strerror or error
            self.problem = f"the result could not be written to {path}: {why}; it is on stdout"
            return
        self._path = path
        recording.unlink(missing_ok=True)
        if self._output is not None and recording.parent.parent == RUNS:
            leave_no_folder(recording.parent)

    @property
    def analysis(self) -> Analysis | None:
        """What gives way in the run; None: no result was made."""
        found = self.document.get("analysis")
        return None if found is None else Analysis.model_validate(found)

    def told(self) -> Text:
        """Where it is, or why it is not there."""
        if self.problem is not None:
            return Text(f" {self.problem}", style="bold red")
        return Text(f" result: {self._path}", style="dim")


def _tell_interrupted(interrupted: InterruptedRunError, console: Console) -> None:
    console.print(Text(interrupted.message, style="yellow"), soft_wrap=True)
    if (path := interrupted.recording) is not None:
        told = f"what was recorded until then: {path} (wedload report shows it)"
        console.print(Text(told, style="dim"), soft_wrap=True)


def _workers(text: str) -> int | None:
    """How many load processes; None: as many as the cores allow."""
    if text == "auto":
        return None
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_WORKERS:
        raise UsageError(
            f"--workers {text} is neither a number from 1 to {_MOST_WORKERS} nor auto",
            "--workers auto starts one load process for each core but one, at least 1",
        )
    return int(text)


def _tag(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise UsageError(f"--tag {text} is not KEY=VALUE", "write --tag build=1234")
    return key, value


def _check_report(output: Path) -> None:
    from wedload.cli.report import check_report

    check_report(output)


def _report(document: dict[str, Any], arguments: RunArguments, console: Console) -> None:
    """What else was asked for; a failure is said, and leaves the exit code alone."""
    if arguments.report is None and not arguments.files:
        return
    from wedload.results.read import result_from

    result = result_from(document, "the result")
    failed = arguments.files.write(result)
    if arguments.report is not None:
        from wedload.cli.report import report_run

        why = report_run(result, arguments.report)
        if why is None:
            console.print(Text(f" report: {arguments.report}", style="dim"), soft_wrap=True)
        else:
            failed.append(why)
    for why in failed:
        console.print(Text(f" {why}", style="bold red"), soft_wrap=True)


def _observer(arguments: RunArguments, console: Console) -> Observer:
    if arguments.quiet:
        return LogView(priorities="JOURNAL_STREAM" in os.environ)
    if arguments.live and console.is_terminal and not console.is_dumb_terminal:
        return LiveView(console)
    return PlainView(console)


def _print_result(data: bytes) -> None:
    try:
        sys.stdout.buffer.write(data + b"\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        # what is still buffered must not fail once more when the interpreter ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise WedloadError(f"the result could not be written to stdout: {error.strerror}") from None

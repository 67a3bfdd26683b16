"""The commands and their options; no logic beyond reading them."""

from __future__ import annotations

from typing import Annotated

import typer

from wedload.about import __version__, changed_since_compiled, is_compiled
from wedload.cli import options  # noqa: TC001 - typer reads the annotations
from wedload.cli.ctl_app import ctl
from wedload.cli.options import KNEE_FROM, KNEE_PROBE, KNEE_TIME, KNEE_TO
from wedload.errors import UsageError, WedloadError

app = typer.Typer(
    name="wedload",
    help="Load orchestrator: drives a TOML plan, shows live percentiles, ends with one verdict.",
    epilog="Try it: wedload run plans/smoke.toml",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    rich_markup_mode=None,
)


def _version(show: bool) -> None:
    if show:
        how = "compiled" if is_compiled() else "interpreted"
        if changed_since_compiled() is not None:
            how += ", out of date"
        typer.echo(f"wedload {__version__} ({how})")
        raise typer.Exit


@app.callback()
def _main(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    if (changed := changed_since_compiled()) is not None:
        raise WedloadError(
            f"the compiled code is older than {changed}, so it is not what the sources say",
            "compile it again: make compiled; or go without: make interpreted",
        )


@app.command(
    epilog="Examples: wedload run plans/smoke.toml | "
    "wedload run plans/peak_season.toml --time-scale 0.1 -o result.json | "
    "wedload run plan.toml --vus 20 --duration 30s --workers auto | "
    "wedload run plan.toml --find-knee --knee-time 5m",
)
def run(
    plan: options.PlanFile,
    target: options.Target = None,
    vus: options.Vus = None,
    duration: options.Duration = None,
    stage: options.Stages = None,
    time_scale: options.TimeScale = 1.0,
    workers: options.Workers = "1",
    output: options.ResultOutput = None,
    report: options.RunPage = None,
    junit: options.Junit = None,
    csv: options.Csv = None,
    markdown: options.Markdown = None,
    seed: options.RunSeed = None,
    once: options.Once = False,
    find_knee: options.FindKnee = False,
    knee_from: options.KneeFrom = KNEE_FROM,
    knee_to: options.KneeTo = KNEE_TO,
    knee_probe: options.KneeProbe = KNEE_PROBE,
    knee_time: options.KneeTime = KNEE_TIME,
    allow_python: options.AllowPython = False,
    production: options.Production = False,
    quiet: options.LogLines = False,
    no_live: options.NoLive = False,
    overrides: options.Overrides = None,
    allow_files: options.AllowFiles = None,
    tag: options.Tags = None,
) -> None:
    """Drive a plan and judge it against its benchmark table.

    What a person reads goes to stderr. The result goes to stdout as JSON if stdout is not a
    terminal, and to FILE (default: .wedload/runs/RUN/result.json).

    Exit codes: 0 benchmarks met, 1 missed, 2 plan or arguments wrong, 3 the run is invalid,
    4 target not reached, set-up or wedload failed, 130 interrupted.
    """
    from wedload.cli.report_files import ReportFiles
    from wedload.cli.run import RunArguments, run_command
    from wedload.plan.knee import Knee
    from wedload.plan.reshape import Shape

    said = (knee_from, knee_to, knee_probe, knee_time)
    if not find_knee and said != (KNEE_FROM, KNEE_TO, KNEE_PROBE, KNEE_TIME):
        raise UsageError("--knee-… options are of a search", "write --find-knee with them")
    arguments = RunArguments(
        plan=plan, target=target, shape=Shape(vus, duration, tuple(stage or ())),
        time_scale=time_scale, workers=workers, output=output, report=report,
        files=ReportFiles(junit, csv, markdown), seed=seed, once=once,
        production=production, quiet=quiet, live=not no_live, allow_python=allow_python,
        overrides=tuple(overrides or ()), allow_files=tuple(allow_files or ()),
        tags=tuple(tag or ()), knee=Knee.parse(*said) if find_knee else None,
    )  # fmt: skip
    raise typer.Exit(run_command(arguments))


@app.command(
    epilog="Examples: wedload compare base.json current.json | "
    "wedload compare main/ branch/ --margin 10% | "
    "wedload compare base.json current.json --format junit -o compare.xml",
)
def compare(
    base: options.Base,
    current: options.Current,
    margin: options.Margin = "5%",
    floor: options.Floor = "1ms",
    share_margin: options.ShareMargin = "0.5%",
    output_format: options.CompareFormatOption = "table",
    output: options.ComparisonOutput = None,
    page: options.ComparisonPage = None,
    seed: options.CompareSeed = 1,
) -> None:
    """Compare two runs, or two folders of runs.

    It tells what got worse, by how much, and how surely.

    Both must be valid runs of the same load. Five or more runs a side, taken in turns, also tell
    how much runs differ by themselves. Summaries that k6 exports are shown, but not decided.

    Exit codes: 0 no regression, 1 a regression, 2 arguments or files wrong, 3 inconclusive or not
    comparable, 4 wedload failed.
    """
    from wedload.cli.compare import CompareArguments, compare_command

    arguments = CompareArguments(
        base=base, current=current, margin=margin, floor=floor, share_margin=share_margin,
        output_format=output_format, output=output, seed=seed, report=page,
    )  # fmt: skip
    raise typer.Exit(compare_command(arguments))


@app.command(
    epilog="Examples: wedload analyze result.json | wedload analyze result.json --format json",
)
def analyze(
    result: options.ResultFile,
    output_format: options.AnalysisFormatOption = "table",
) -> None:
    """Tell which part of the target gives way under a run's load, and why.

    It shows where the time goes at each level of load, what grows with it, and which resource came
    to its limit first. It knows most of runs with [tracing] and [resources] in their plan, and says
    what it cannot say of others.

    Exit codes: 0 told, 2 arguments or the file wrong, 4 wedload failed.
    """
    from wedload.cli.analyze import analyze_command

    analyze_command(result, output_format)


@app.command(epilog="Example: wedload check plans/peak_season.toml")
def check(
    plans: options.PlanFiles,
    target: options.Target = None,
    vus: options.Vus = None,
    duration: options.Duration = None,
    stage: options.Stages = None,
    time_scale: options.TimeScale = 1.0,
    overrides: options.Overrides = None,
    prove: options.Prove = False,
    production: options.Production = False,
    allow_files: options.AllowFiles = None,
) -> None:
    """Explain plans without any load.

    Stages, virtual users over time, what requests to expect, and what a run will refuse. Nobody is
    contacted, unless --prove asks for that.

    Exit codes: 0 no plan is wrong, 2 one is, or the arguments are, or a run will refuse its secrets
    or, with --prove, where it leads, 4 a target that is to be proven is not known, or wedload
    failed.
    """
    from wedload.cli.check import CheckArguments, check_command
    from wedload.plan.reshape import Shape

    check_command(CheckArguments(
        plans=tuple(plans), target=target, shape=Shape(vus, duration, tuple(stage or ())),
        time_scale=time_scale, overrides=tuple(overrides or ()),
        allow_files=tuple(allow_files or ()), proving=prove, production=production,
    ))  # fmt: skip


@app.command(
    epilog="Examples: wedload prove staging.example | wedload prove http://192.0.2.7:8080",
)
def prove(host: options.ProvenHost, days: options.Days = 90) -> None:
    """Tell how to allow load on a host, and whether that is so.

    Prints what its owner is to publish, as a TXT record or as a file there, and asks for both.

    Exit codes: 0 proven, or it is this machine, 2 arguments wrong, 4 not proven.
    """
    from wedload.cli.prove import prove_command

    raise typer.Exit(prove_command(host, days=days))


@app.command(
    epilog="Examples: wedload history .wedload/runs | "
    "wedload history results --metric \"http_req_duration{step='submit form'}: p95\"",
)
def history(
    folder: options.ResultFolder,
    metric: options.HistoryMetrics = None,
    row: options.HistoryRow = None,
    tag: options.HistoryTag = None,
    last: options.Last = 500,
    output_format: options.HistoryFormatOption = "table",
) -> None:
    """Show how the runs of a plan went over time.

    It tells where a level changed.

    Without --metric or --row: all rows of the benchmark table. Only runs of the same load and
    target are joined; the others are listed.

    Exit codes: 0 shown, 2 arguments wrong, 3 no usable run, 4 wedload failed.
    """
    from wedload.cli.history import HistoryArguments, history_command

    arguments = HistoryArguments(folder, tuple(metric or ()), row, tag, last, output_format)
    raise typer.Exit(history_command(arguments))


@app.command(
    epilog="Examples: wedload cleanup | wedload cleanup 20270619-101500-a1b2 | "
    "wedload cleanup --list",
)
def cleanup(
    run_id: options.LeftRun = None,
    runs: options.RunsFolder = None,
    list_only: options.ListJournals = False,
    production: options.Production = False,
    allow_python: options.AllowPython = False,
    allow_files: options.AllowFiles = None,
    quiet: options.Quiet = False,
) -> None:
    """Finish the clean-up of runs that were killed, or left something behind.

    What a run creates is in its journal before it is there. This deletes it, last created first,
    after the plan's tear-down if that was not done, and sends the plan's sweep. It can be cut off
    at any moment, and started again. A run that goes on is left alone.

    Exit codes: 0 nothing is left, 1 something is, 2 plan or arguments wrong, 4 the target was not
    reached, or wedload failed, 130 interrupted.
    """
    from wedload.cli.cleanup import CleanupArguments, cleanup_command
    from wedload.run.recovering import RecoveryOptions

    allowed = RecoveryOptions(production, allow_python, tuple(allow_files or ()))
    arguments = CleanupArguments(run_id, runs, list_only, allowed, quiet)
    raise typer.Exit(cleanup_command(arguments))


@app.command(
    context_settings={
        "allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": [],
    },
    epilog="Example: wedload sandbox --port 8080",
)  # fmt: skip
def sandbox(context: typer.Context) -> None:
    """Run the embedded wedding-supplier platform."""
    from wedload.sandbox.__main__ import main

    raise typer.Exit(main(context.args))


@app.command(
    epilog="Examples: wedload simulate plans/third_party.toml | "
    "wedload simulate plan.toml --faults --time-scale 0.1 | "
    "wedload simulate plan.toml --set dependencies.calendar.listen=127.0.0.1:8091",
)
def simulate(
    plan: options.PlanFile,
    seed: options.SimulationSeed = None,
    time_scale: options.FaultScale = 1.0,
    faults: options.Faults = False,
    quiet: options.SilentSimulation = False,
    overrides: options.Overrides = None,
    allow_files: options.AllowFiles = None,
) -> None:
    """Play the third parties of a plan, and its fault proxies, without any load.

    A platform that runs elsewhere, such as a staging one, can be pointed at them. Where they are is
    printed, and on stdout as a line of JSON once they are there; Ctrl-C ends them, and shows what
    they were asked.

    Exit codes: 0 ended by Ctrl-C or SIGTERM, 2 plan or arguments wrong, 4 one cannot be played.
    """
    from wedload.cli.simulate import SimulateArguments, simulate_command

    arguments = SimulateArguments(
        plan=plan, seed=seed, time_scale=time_scale, faults=faults, quiet=quiet,
        overrides=tuple(overrides or ()), allow_files=tuple(allow_files or ()),
    )  # fmt: skip
    raise typer.Exit(simulate_command(arguments))


@app.command(epilog="Examples: wedload schema > wedload.schema.json | wedload schema result")
def schema(of: options.SchemaOfArgument = "plan") -> None:
    """Print the JSON Schema of a kind of file.

    Editors complete plans by it; other tools read results and comparisons by theirs.

    Exit codes: 0 printed, 2 arguments wrong, 4 wedload failed.
    """
    from wedload.cli.schema import schema_command

    schema_command(of)


@app.command(
    epilog="Examples: wedload report result.json | wedload report result.json -o nightly.html",
)
def report(
    result: options.ResultFile,
    output: options.PageOutput = None,
    junit: options.Junit = None,
    csv: options.Csv = None,
    markdown: options.Markdown = None,
) -> None:
    """Make a report of a result, as one HTML file.

    It needs no network and no other file, and can be mailed, kept and printed as it is.
    With --junit, --csv or --markdown those are written, and HTML only if -o says where.

    Exit codes: 0 written, 2 arguments or the file wrong, 4 it could not be written.
    """
    from wedload.cli.report import report_command
    from wedload.cli.report_files import ReportFiles

    report_command(result, output, ReportFiles(junit, csv, markdown))


app.add_typer(ctl, name="ctl")

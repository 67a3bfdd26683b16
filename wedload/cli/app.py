"""The commands and their options; no logic beyond reading them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from wedload.cli.ctl_app import ctl

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

SchemaOf = Literal["plan", "result", "comparison"]
PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="The plan, a TOML file.")]
Target = Annotated[
    str | None, typer.Option("--target", metavar="NAME", help="Which of the plan's targets.")
]
Vus = Annotated[
    int | None,
    typer.Option("--vus", metavar="N", min=1, help="Constant virtual users instead of the stages."),
]
Duration = Annotated[
    str | None,
    typer.Option("--duration", metavar="D", help="How long, e.g. 30s; with --vus."),
]
Stages = Annotated[
    list[str] | None,
    typer.Option(
        "--stage", metavar="D:N", help="A stage, e.g. 30s:100; repeat it. Replaces the plan's."
    ),
]
TimeScale = Annotated[
    float,
    typer.Option(
        "--time-scale", metavar="X", help="Scale stages and start times, e.g. 0.1; not the pace."
    ),
]
Workers = Annotated[
    str,
    typer.Option(
        "--workers", metavar="N|auto",
        help="Load processes that share the load; auto: one a core, but one.",
    ),
]  # fmt: skip
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override a key, e.g. http.timeout=5s."),
]

Junit = Annotated[
    Path | None, typer.Option("--junit", metavar="FILE", help="As JUnit XML, for CI systems.")
]
Csv = Annotated[
    Path | None, typer.Option("--csv", metavar="FILE", help="As a table, for spreadsheets.")
]
Markdown = Annotated[
    Path | None,
    typer.Option("--markdown", metavar="FILE", help="As a summary, for pull requests."),
]


def _version(show: bool) -> None:
    if show:
        from wedload import __version__, is_compiled  # noqa: PLC0415

        typer.echo(f"wedload {__version__} ({'compiled' if is_compiled() else 'interpreted'})")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


@app.command(
    epilog="Examples: wedload run plans/smoke.toml | "
    "wedload run plans/peak_season.toml --time-scale 0.1 -o result.json | "
    "wedload run plan.toml --vus 20 --duration 30s --workers auto",
)
def run(
    plan: PlanFile,
    target: Target = None,
    vus: Vus = None,
    duration: Duration = None,
    stage: Stages = None,
    time_scale: TimeScale = 1.0,
    workers: Workers = "1",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="The result, as JSON."),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="A report as well, as one HTML file."),
    ] = None,
    junit: Junit = None,
    csv: Csv = None,
    markdown: Markdown = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="Repeat a run's generated data.")
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Every workflow once, by one virtual user.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing but errors.")] = False,
    no_live: Annotated[
        bool, typer.Option("--no-live", help="A plain line every few seconds, no live table.")
    ] = False,
    overrides: Overrides = None,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="K=V", help="A label for the result, e.g. build=1234."),
    ] = None,
) -> None:
    """Drive a plan and judge it against its benchmark table.

    What a person reads goes to stderr. The result goes to stdout as JSON if stdout is not a
    terminal, and to FILE (default: .wedload/runs/RUN/result.json).

    Exit codes: 0 benchmarks met, 1 missed, 2 plan or arguments wrong, 3 the run is invalid,
    4 target not reached or wedload failed, 130 interrupted.
    """
    from wedload.cli.report_files import ReportFiles  # noqa: PLC0415
    from wedload.cli.run import RunArguments, run_command  # noqa: PLC0415 - keeps --help fast
    from wedload.plan.reshape import Shape  # noqa: PLC0415

    arguments = RunArguments(
        plan=plan, target=target, shape=Shape(vus, duration, tuple(stage or ())),
        time_scale=time_scale, workers=workers, output=output, report=report,
        files=ReportFiles(junit, csv, markdown), seed=seed, once=once, quiet=quiet,
        live=not no_live,
        overrides=tuple(overrides or ()), tags=tuple(tag or ()),
    )  # fmt: skip
    raise typer.Exit(run_command(arguments))


@app.command(
    epilog="Examples: wedload compare base.json current.json | "
    "wedload compare main/ branch/ --margin 10% | "
    "wedload compare base.json current.json --format junit -o compare.xml",
)
def compare(
    base: Annotated[
        Path, typer.Argument(metavar="BASE", help="What it was: a result, or a folder of them.")
    ],
    current: Annotated[
        Path, typer.Argument(metavar="CURRENT", help="What it is now: a result, or a folder.")
    ],
    margin: Annotated[
        str,
        typer.Option(
            "--margin",
            metavar="P",
            help="What durations may grow by and throughput may fall by, e.g. 5%.",
        ),
    ] = "5%",
    floor: Annotated[
        str, typer.Option("--floor", metavar="D", help="What durations may grow by in any case.")
    ] = "1ms",
    share_margin: Annotated[
        str,
        typer.Option(
            "--share-margin",
            metavar="P",
            help="Points of percentage that failing shares may grow by.",
        ),
    ] = "0.5%",
    form: Annotated[
        Literal["table", "json", "markdown", "junit"],
        typer.Option("--format", help="What to write to stdout, or to FILE."),
    ] = "table",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="A file instead of stdout."),
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="Both in one HTML page, with charts."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Of the resampling.")] = 1,
) -> None:
    """Compare two runs, or two folders of runs.

    It tells what got worse, by how much, and how surely.

    Both must be valid runs of the same load. Five or more runs a side, taken in turns, also tell
    how much runs differ by themselves. Summaries that k6 exports are shown, but not decided.

    Exit codes: 0 no regression, 1 a regression, 2 arguments or files wrong, 3 inconclusive or not
    comparable, 4 wedload failed.
    """
    from wedload.cli.compare import CompareArguments, compare_command  # noqa: PLC0415

    arguments = CompareArguments(
        base=base, current=current, margin=margin, floor=floor, share_margin=share_margin,
        format=form, output=output, seed=seed, report=page,
    )  # fmt: skip
    raise typer.Exit(compare_command(arguments))


@app.command(epilog="Example: wedload check plans/peak_season.toml")
def check(
    plans: Annotated[list[Path], typer.Argument(metavar="PLAN…", help="Plans, TOML files.")],
    target: Target = None,
    vus: Vus = None,
    duration: Duration = None,
    stage: Stages = None,
    time_scale: TimeScale = 1.0,
    overrides: Overrides = None,
) -> None:
    """Explain plans without any load.

    Stages, virtual users over time, and what requests to expect.
    """
    from wedload.cli.check import check_command  # noqa: PLC0415
    from wedload.plan.reshape import Shape  # noqa: PLC0415

    check_command(
        plans, Shape(vus, duration, tuple(stage or ())), target=target, time_scale=time_scale,
        overrides=tuple(overrides or ()),
    )  # fmt: skip


@app.command(
    epilog="Examples: wedload history .wedload/runs | "
    "wedload history results --metric \"http_req_duration{step='submit form'}: p95\"",
)
def history(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Holds result files, at any depth.")
    ],
    metric: Annotated[
        list[str] | None,
        typer.Option("--metric", metavar="M", help="A figure, as in a benchmark row; repeat it."),
    ] = None,
    row: Annotated[
        str | None, typer.Option("--row", metavar="NAME", help="One row of the benchmark table.")
    ] = None,
    tag: Annotated[
        str | None, typer.Option("--tag", metavar="KEY", help="The tag to show, e.g. commit.")
    ] = None,
    last: Annotated[
        int, typer.Option("--last", metavar="N", min=1, help="The newest N runs only.")
    ] = 500,
    how: Annotated[
        str, typer.Option("--format", metavar="F", help="table, json or markdown.")
    ] = "table",
) -> None:
    """Show how the runs of a plan went over time.

    It tells where a level changed.

    Without --metric or --row: all rows of the benchmark table. Only runs of the same load and
    target are joined; the others are listed.

    Exit codes: 0 shown, 2 arguments wrong, 3 no usable run.
    """
    from wedload.cli.history import HistoryArguments, history_command  # noqa: PLC0415

    arguments = HistoryArguments(folder, tuple(metric or ()), row, tag, last, how)
    raise typer.Exit(history_command(arguments))


@app.command(
    context_settings={
        "allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": [],
    },
    epilog="Example: wedload sandbox --port 8080",
)  # fmt: skip
def sandbox(context: typer.Context) -> None:
    """Run the embedded wedding-supplier platform."""
    from wedload.sandbox.__main__ import main  # noqa: PLC0415

    raise typer.Exit(main(context.args))


@app.command(epilog="Examples: wedload schema > wedload.schema.json | wedload schema result")
def schema(
    of: Annotated[
        SchemaOf,
        typer.Argument(
            metavar="[WHAT]", help="plan (as if nothing is said), result, or comparison."
        ),
    ] = "plan",
) -> None:
    """Print the JSON Schema of a kind of file.

    Editors complete plans by it; other tools read results and comparisons by theirs.
    """
    from wedload.cli.schema import schema_command  # noqa: PLC0415

    schema_command(of)


@app.command(
    epilog="Examples: wedload report result.json | wedload report result.json -o nightly.html",
)
def report(
    result: Annotated[Path, typer.Argument(metavar="RESULT", help="A result, a JSON file.")],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Where to (default: RESULT, .html)."),
    ] = None,
    junit: Junit = None,
    csv: Csv = None,
    markdown: Markdown = None,
) -> None:
    """Make a report of a result, as one HTML file.

    It needs no network and no other file, and can be mailed, kept and printed as it is.
    With --junit, --csv or --markdown those are written, and HTML only if -o says where.
    """
    from wedload.cli.report import report_command  # noqa: PLC0415
    from wedload.cli.report_files import ReportFiles  # noqa: PLC0415

    report_command(result, output, ReportFiles(junit, csv, markdown))


app.add_typer(ctl, name="ctl")

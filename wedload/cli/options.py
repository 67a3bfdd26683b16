"""The options and arguments that commands take, as their signatures name them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

import typer

SchemaOf = Literal["plan", "result", "comparison"]
CompareFormat = Literal["table", "json", "markdown", "junit"]
HistoryFormat = Literal["table", "json", "markdown"]
AnalysisFormat = Literal["table", "json", "markdown"]


# parsers are given defaults too, as the numbers that they are


def _number(text: str | float) -> float:
    try:
        return float(text)
    except ValueError:
        raise typer.BadParameter(f"{text} is not a number") from None


_MOST: Final = 2**63 - 1  # that all programs that read a result take for a whole number


def _from_1(text: str | int) -> int:
    return _whole(text, 1)


def _from_0(text: str | int) -> int:
    return _whole(text, 0)


def _whole(text: str | int, least: int) -> int:
    if not str(text).isdecimal() or int(text) < least:
        raise typer.BadParameter(f"{text} is not a whole number from {least} on")
    if int(text) > _MOST:
        raise typer.BadParameter(f"{text} is above {_MOST}")
    return int(text)


# --- of a plan and how it is driven -------------------------------------------------------------

PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="The plan, a TOML file.")]
PlanFiles = Annotated[list[Path], typer.Argument(metavar="PLAN…", help="Plans, TOML files.")]
Target = Annotated[
    str | None, typer.Option("--target", metavar="NAME", help="Which of the plan's targets.")
]
Vus = Annotated[
    int | None,
    typer.Option(
        "--vus", metavar="N", parser=_from_1,
        help="Constant virtual users instead of the stages; for plans with one scenario.",
    ),
]  # fmt: skip
Duration = Annotated[
    str | None,
    typer.Option(
        "--duration", metavar="D",
        help="How long, e.g. 30s; with --vus, which needs it where the plan has stages.",
    ),
]  # fmt: skip
Stages = Annotated[
    list[str] | None,
    typer.Option(
        "--stage", metavar="D:N",
        help="A stage, e.g. 30s:100; repeat it. Replaces the plan's; for plans with one scenario.",
    ),
]  # fmt: skip
TimeScale = Annotated[
    float,
    typer.Option(
        "--time-scale", metavar="X", parser=_number,
        help="Scale stages, start times, and the benchmarks' after and window, e.g. 0.1; not the"
        " pace nor think time.",
    ),
]  # fmt: skip
Workers = Annotated[
    str,
    typer.Option(
        "--workers", metavar="N|auto",
        help="Load processes that share the load; auto: one for each core but one, at least 1.",
    ),
]  # fmt: skip
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override a key, e.g. http.timeout=5s."),
]
AllowFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--allow-files", metavar="DIR", envvar="WEDLOAD_ALLOW_FILES",
        exists=True, file_okay=False,
        help="A folder besides the plan's own whose files the plan may name; repeat it.",
    ),
]  # fmt: skip
RunSeed = Annotated[
    int | None,
    typer.Option("--seed", metavar="N", parser=_from_0, help="Repeat a run's generated data."),
]
SimulationSeed = Annotated[
    int | None,
    typer.Option("--seed", metavar="N", parser=_from_0, help="Repeat what was drawn."),
]
FaultScale = Annotated[
    float,
    typer.Option(
        "--time-scale", metavar="X", parser=_number,
        help="Scale when faults begin and how long they last, e.g. 0.1.",
    ),
]  # fmt: skip
Faults = Annotated[
    bool,
    typer.Option(
        "--faults",
        help="Make the plan's faults happen, counted from the start; without it none does.",
    ),
]
AllowPython = Annotated[
    bool,
    typer.Option(
        "--allow-python", help="Let `python` steps run the code that the plan names: read it first."
    ),
]
Once = Annotated[
    bool,
    typer.Option(
        "--once",
        help="Every workflow once, by one virtual user; without the rows that need a whole load.",
    ),
]
KNEE_FROM, KNEE_TO, KNEE_PROBE, KNEE_TIME = "10/s", "10000/s", "30s", "10m"
FindKnee = Annotated[
    bool,
    typer.Option(
        "--find-knee",
        help="Search for the capacity: raise the arrival rate until a benchmark row breaks, then"
        " probe around it; instead of the plan's own schedule.",
    ),
]
KneeFrom = Annotated[
    str,
    typer.Option("--knee-from", metavar="R", help="Iterations of all scenarios to begin with."),
]
KneeTo = Annotated[
    str, typer.Option("--knee-to", metavar="R", help="The highest rate to probe."),
]  # fmt: skip
KneeProbe = Annotated[
    str,
    typer.Option(
        "--knee-probe", metavar="D", help="How long each probe lasts; a fifth of it warms up."
    ),
]
KneeTime = Annotated[
    str, typer.Option("--knee-time", metavar="D", help="How long the search lasts at most."),
]  # fmt: skip
Prove = Annotated[
    bool,
    typer.Option("--prove", help="Ask whether the hosts of the target are proven, as a run does."),
]
ProvenHost = Annotated[
    str, typer.Argument(metavar="HOST", help="A host, or https://host:port where its file is.")
]
Days = Annotated[
    int,
    typer.Option("--days", metavar="N", parser=_from_1, help="How long the proof is to hold."),
]
Production = Annotated[
    bool,
    typer.Option(
        "--production",
        help='Let load go to a target that says environment = "production".',
    ),
]
Tags = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="K=V", help="A label for the result, e.g. build=1234."),
]

# --- of clean-up --------------------------------------------------------------------------------

LeftRun = Annotated[
    str | None, typer.Argument(metavar="[RUN]", help="The run's id; else all runs that left any.")
]
RunsFolder = Annotated[
    Path | None,
    typer.Option("--runs", metavar="DIR", help="Where runs are kept (default: .wedload/runs)."),
]
ListJournals = Annotated[
    bool, typer.Option("--list", help="Show what is left, and send nothing to anybody.")
]

# --- what a command says and writes -------------------------------------------------------------

SilentSimulation = Annotated[
    bool, typer.Option("--quiet", help="Say nothing but errors, and the line of JSON.")
]
Quiet = Annotated[
    bool,
    typer.Option("--quiet", help="Say nothing but errors; the JSON goes where it always does."),
]
LogLines = Annotated[
    bool,
    typer.Option(
        "--quiet", help="For scheduled jobs: one structured line a stage, a fault, the verdict."
    ),
]
NoLive = Annotated[
    bool,
    typer.Option("--no-live", help="A plain line every few seconds, no live table; on stderr too."),
]
ResultOutput = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE", help="The result, as JSON.")
]
RunPage = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE", help="A report as well, as one HTML file."),
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

# --- of results ---------------------------------------------------------------------------------

ResultFile = Annotated[Path, typer.Argument(metavar="RESULT", help="A result, a JSON file.")]
PageOutput = Annotated[
    Path | None,
    typer.Option(
        "-o", "--output", metavar="FILE",
        help="Where to write the page (default: RESULT with .html).",
    ),
]  # fmt: skip
Base = Annotated[
    Path, typer.Argument(metavar="BASE", help="What it was: a result, or a folder of them.")
]
Current = Annotated[
    Path, typer.Argument(metavar="CURRENT", help="What it is now: a result, or a folder.")
]
Margin = Annotated[
    str,
    typer.Option(
        "--margin", metavar="P",
        help="What durations may grow by and throughput may fall by, e.g. 5%.",
    ),
]  # fmt: skip
Floor = Annotated[
    str, typer.Option("--floor", metavar="D", help="What durations may grow by in any case.")
]
ShareMargin = Annotated[
    str,
    typer.Option(
        "--share-margin", metavar="P", help="Points of percentage that failing shares may grow by."
    ),
]
CompareFormatOption = Annotated[
    CompareFormat, typer.Option("--format", help="What to write to stdout, or to FILE.")
]
ComparisonOutput = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE", help="A file instead of stdout.")
]
ComparisonPage = Annotated[
    Path | None,
    typer.Option(
        "--report", metavar="FILE", help="Write both sides as one HTML page as well, with charts."
    ),
]
CompareSeed = Annotated[
    int, typer.Option("--seed", metavar="N", parser=_from_0, help="Seed of the resampling.")
]
ResultFolder = Annotated[
    Path, typer.Argument(metavar="DIR", help="Holds result files, at any depth.")
]
HistoryMetrics = Annotated[
    list[str] | None,
    typer.Option("--metric", metavar="M", help="A figure, as in a benchmark row; repeat it."),
]
HistoryRow = Annotated[
    str | None, typer.Option("--row", metavar="NAME", help="One row of the benchmark table.")
]
HistoryTag = Annotated[
    str | None, typer.Option("--tag", metavar="KEY", help="The tag to show, e.g. commit.")
]
Last = Annotated[
    int, typer.Option("--last", metavar="N", parser=_from_1, help="The newest N runs only.")
]
HistoryFormatOption = Annotated[
    HistoryFormat, typer.Option("--format", help="What to write to stdout.")
]
AnalysisFormatOption = Annotated[
    AnalysisFormat, typer.Option("--format", help="What to write to stdout.")
]
SchemaOfArgument = Annotated[
    SchemaOf,
    typer.Argument(metavar="[WHAT]", help="plan (as if nothing is said), result, or comparison."),
]

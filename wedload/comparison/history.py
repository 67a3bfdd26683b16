"""Many runs of one load as a history: which belong together, and how a metric went. Pure.

Only comparable runs are joined: those that were asked for the same load of the same target, and
whose figures can be trusted. The newest run says which load is meant.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.plan.expressions.expression import suggest
from wedload.plan.measure import Measure
from wedload.plan.metric_table import METRICS
from wedload.results.comparable import differences, unfit
from wedload.results.figures import known_quantile_ns
from wedload.results.figures_model import CounterFigures, FactorFigures, RateFigures, TrendFigures
from wedload.results.histograms import DIMENSIONS, merged
from wedload.statistics.changepoints import change_points
from wedload.units import format_clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from wedload.plan.measure import Unit
    from wedload.results.channel_model import Channel
    from wedload.results.dependency_model import Dependency
    from wedload.results.figures_model import Figures, Metrics
    from wedload.results.headline import Headline
    from wedload.results.model import Benchmark, Stage, Step
    from wedload.statistics.changepoints import ChangePoint

#: in so few histories without a change one is claimed, of all courses shown together
DOUBT: Final = 0.01


@dataclass(frozen=True, slots=True)
class Entry:
    """A result, and where it was found."""

    file: str
    head: Headline


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A result that is no part of the history."""

    file: str
    why: str


@dataclass(frozen=True, slots=True)
class Course:
    """How one metric went; values are in the order of the runs, None where a run has none."""

    title: str
    measure: str
    unit: Unit
    more_is_better: bool
    values: tuple[float | None, ...]
    changes: tuple[ChangePoint, ...]  # their indices are of runs


def join(entries: Iterable[Entry]) -> tuple[list[Entry], list[LeftOut]]:
    """Runs that can be joined with the newest usable one, oldest first; and the others."""
    left_out: list[LeftOut] = []
    usable: list[Entry] = []
    seen: dict[str, str] = {}
    for entry in sorted(entries, key=lambda one: (one.head.run.started_at, one.file)):
        why = _unusable(entry.head)
        if why is None and (other := seen.get(entry.head.run.id)) is not None:
            why = f"the same run as {other}"
        if why is not None:
            left_out.append(LeftOut(entry.file, why))
        else:
            seen[entry.head.run.id] = entry.file
            usable.append(entry)
    if not usable:
        return [], left_out
    newest = usable[-1].head
    joined = []
    for entry in usable:
        why = _different(entry.head, newest)
        if why is None:
            joined.append(entry)
        else:
            left_out.append(LeftOut(entry.file, why))
    return joined, left_out


def _unusable(head: Headline) -> str | None:
    return next(unfit(head.run, valid=head.verdict != "invalid"), None)


def _different(head: Headline, newest: Headline) -> str | None:
    """Why a run is not of the newest one's load."""
    run = head.run
    match next(differences(head, newest, same_plan=True), None):
        case "plan":
            return f"another plan: {run.plan}"
        case "target":
            return f"another target: {run.target}"
        case "time scale":
            return f"another time scale: {run.time_scale:g}"
        case "load":
            return "another load: the plan was changed"
        case "schedule":
            return f"another schedule: {format_clock(run.planned_s)} long"
        case None:
            return None


def row_courses(heads: Sequence[Headline], name: str | None = None) -> list[Course]:
    """The course of each row of the newest run's benchmark table, or of one row.

    Raises:
        ValueError: there is no such row.
    """
    known = [row.name for row in heads[-1].benchmarks]
    if name is not None and name not in known:
        names = "; ".join(known) or "none"
        raise ValueError(f"there is no row {name!r}{suggest(name, known)} (rows: {names})")
    rows = [row for row in heads[-1].benchmarks if name in {None, row.name}]
    return [
        _course(
            row.name,
            Measure(row.metric, tuple(row.where.items()), row.aggregation, row.unit),
            row.worse == "lower",
            [_of_row(head, row) for head in heads],
            len(rows),
        )
        for row in rows
    ]


def metric_course(heads: Sequence[Headline], measure: Measure, *, of: int = 1) -> Course:
    """The course of any figure that the results hold; one `of` so many that are asked for.

    Raises:
        ValueError: no run has such a figure.
    """
    values = [value_of(head, measure) for head in heads]
    if all(value is None for value in values):
        raise ValueError(f"no run has a figure for {measure}{_known_steps(heads[-1], measure)}")
    title = dict(measure.where).get("step") or measure.metric
    return _course(title, measure, METRICS[measure.metric].worse == "lower", values, of)


def _course(
    title: str, measure: Measure, better: bool, values: Sequence[float | None], of: int
) -> Course:
    there = [at for at, value in enumerate(values) if value is not None]
    found = change_points([v for v in values if v is not None], level=DOUBT / of)
    changes = tuple(type(one)(there[one.index], one.before, one.after, one.p) for one in found)
    return Course(title, str(measure), measure.unit, better, tuple(values), changes)


def _of_row(head: Headline, newest: Benchmark) -> float | None:
    """What a row has observed, if it was about the same figure and could be judged."""
    for row in head.benchmarks:
        if row.status in {"met", "missed"} and row.subject == newest.subject:
            return row.observed
    return None


def value_of(head: Headline, measure: Measure) -> float | None:
    """A figure of a run; None if its result does not hold it, or from too few samples."""
    found = list(_matching(head, dict(measure.where)))
    if len(found) == 1 and (figures := found[0].get(measure.metric)) is not None:
        value = _figure(figures, measure.aggregation)
        if value is not None:
            return value
    return _from_histograms(head, measure) if measure.unit in {"ms", "count", "number"} else None


def _matching(head: Headline, where: dict[str, str]) -> Iterable[Metrics]:
    """Figures of whatever the selectors name: the run, a stage, channel, third party or step."""
    named: Sequence[Stage | Step | Channel | Dependency] = ()
    keys = set(where)
    if not where:
        yield head.metrics
    elif keys <= {"scenario", "stage"} and "stage" in where:
        named = head.stages
    elif keys in ({"channel"}, {"dependency"}):
        named = head.channels if "channel" in where else head.dependencies
        where = {"name": next(iter(where.values()))}
    elif keys <= {"scenario", "workflow", "step"}:
        named = head.steps
    for one in named:
        if all(getattr(one, key) == value for key, value in where.items()):
            yield one.metrics


def _figure(figures: Figures, aggregation: str) -> float | None:
    match figures:
        case TrendFigures():
            return figures.of(aggregation)
        case RateFigures():
            return figures.rate if aggregation == "rate" else figures.yes
        case CounterFigures():
            return figures.rate if aggregation == "rate" else figures.count
        case FactorFigures():
            return figures.value if aggregation == "value" else None


def _from_histograms(head: Headline, measure: Measure) -> float | None:
    """A figure of a trend over several steps or stages, or a percentile that is not stored."""
    if measure.quantile is None:
        return None
    where = dict(measure.where)
    if not where.keys() <= DIMENSIONS:
        return None
    value_ns = known_quantile_ns(merged(head.histograms, measure.metric, where), measure.quantile)
    return None if value_ns is None else value_ns / METRICS[measure.metric].recorded


def _known_steps(head: Headline, measure: Measure) -> str:
    """A hint at what was meant, where a selector names nothing."""
    names: dict[str, Callable[[], list[str]]] = {
        "step": lambda: [step.step for step in head.steps],
        "workflow": lambda: [step.workflow or "" for step in head.steps],
        "stage": lambda: [stage.stage or "" for stage in head.stages],
        "scenario": lambda: [stage.scenario for stage in head.stages],
        "channel": lambda: [channel.name for channel in head.channels],
        "dependency": lambda: [one.name for one in head.dependencies],
    }
    for key, value in measure.where:
        if key in names and value not in (known := names[key]()):
            return f": there is no {key} {value!r}{suggest(value, known)}"
    kept = "the run, for {step=…}, for {stage=…}, for {channel=…}, and for {dependency=…}"
    return f"; figures are kept for {kept}"


def label_of(heads: Sequence[Headline]) -> str | None:
    """The tag that tells these runs apart best: a commit, a version, else the commonest."""
    tags = Counter(key for head in heads for key in head.run.tags)
    for usual in ("commit", "version", "build"):
        if tags[usual]:
            return usual
    return tags.most_common(1)[0][0] if tags else None

"""A history as people and programs read it: text of 80 columns, Markdown, JSON. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from wedload.report.bars import bars
from wedload.report.columns import WIDTH, fitted, fitted_end
from wedload.report.markdown_text import bullets, escaped, table
from wedload.units import format_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.comparison.history import Course, LeftOut
    from wedload.results.headline import Headline
    from wedload.statistics.changepoints import ChangePoint

SCHEMA: Final = "wedload.history/1"
_SPARK: Final = 60
_MOST_LEFT_OUT: Final = 8
_TAG: Final = 20


@dataclass(frozen=True, slots=True)
class Report:
    """All that there is to show."""

    heads: Sequence[Headline]  # oldest first
    courses: Sequence[Course]
    left_out: Sequence[LeftOut]
    label: str | None  # the tag to show beside each run


def as_text(report: Report) -> list[Text]:
    """Lines of at most 80 columns; runs one by one if there is one metric only."""
    first, last = report.heads[0].run, report.heads[-1].run
    count = f"{len(report.heads)} run{'s' if len(report.heads) > 1 else ''}"
    dates = f"{first.started_at:%Y-%m-%d} to {last.started_at:%Y-%m-%d}"
    lines = [_cut(Text.assemble((f" {last.plan} → {last.target}", "bold"), f"   {count}, {dates}"))]
    for course in report.courses:
        lines += [Text(), *_course_lines(report, course)]
    if report.left_out:
        lines += [Text(), *_left_out_lines(report.left_out)]
    return lines


def _course_lines(report: Report, course: Course) -> list[Text]:
    there = [value for value in course.values if value is not None]
    lines = [_cut(Text.assemble((f" {course.title}", "bold"), (f"   {course.measure}", "dim")))]
    if not there:
        return [*lines, Text("   no run has a value")]
    low, high = (format_value(value, course.unit) for value in (min(there), max(there)))
    lines.append(Text(f"   {sparkline(course.values, _SPARK)}  {low} … {high}"))
    lines += [_cut(_change_line(report, course, one)) for one in course.changes]
    if not course.changes:
        newest = format_value(there[-1], course.unit)
        lines.append(Text(f"   no change of level; newest {newest}", style="dim"))
    if len(report.courses) == 1:
        lines += [Text(), *_run_lines(report, course)]
    return lines


def _change_line(report: Report, course: Course, change: ChangePoint) -> Text:
    worse = (change.after > change.before) != course.more_is_better
    sign = "▲" if change.after > change.before else "▼"
    run = report.heads[change.index].run
    since = f" since {run.id}"
    if report.label and (tag := run.tags.get(report.label)):
        since += f" ({fitted(tag, 12).rstrip()})"
    return Text.assemble(
        (f"   {sign} ", "bold red" if worse else "bold green"),
        words_of(course, change), since,
    )  # fmt: skip


def words_of(course: Course, change: ChangePoint) -> str:
    """How the level changed: `412 ms → 486 ms (+18 %, p = 0.001)`; a share in points."""
    before, after = (format_value(one, course.unit) for one in (change.before, change.after))
    if course.unit == "ratio":
        by = f"{(change.after - change.before) * 100:+.2g} points"
    elif change.before:
        by = f"{(change.after / change.before - 1) * 100:+.2g} %"
    else:
        by = "from nothing"
    return f"{before} → {after} ({by}, p = {change.p:.1g})"


def _run_lines(report: Report, course: Course) -> list[Text]:
    label = report.label
    lines = [Text(_columns("", "run", "started (UTC)", label or "", "value"), style="dim")]
    marks = {one.index: "▲" if one.after > one.before else "▼" for one in course.changes}
    for at, (head, value) in enumerate(zip(report.heads, course.values, strict=True)):
        run = head.run
        tag = run.tags.get(label, "") if label else ""
        when = run.started_at.strftime("%Y-%m-%d %H:%M")
        line = _columns(marks.get(at, ""), run.id, when, tag, format_value(value, course.unit))
        lines.append(Text(line, style="bold" if at in marks else ""))
    return lines


def _columns(mark: str, run: str, when: str, tag: str, value: str) -> str:
    return f"   {mark:<1} {fitted(run, 24)}  {when:<16}  {fitted(tag, _TAG)} {value:>9}"


def _left_out_lines(left_out: Sequence[LeftOut]) -> list[Text]:
    lines = [Text(f" left out: {len(left_out)}", style="yellow")]
    lines += [
        Text(f"   {fitted_end(one.file, 36).rstrip()}  {fitted(one.why, 38).rstrip()}", style="dim")
        for one in left_out[:_MOST_LEFT_OUT]
    ]
    if (more := len(left_out) - _MOST_LEFT_OUT) > 0:
        lines.append(Text(f"   … and {more} more (--format json has all)", style="dim"))
    return lines


def sparkline(values: Sequence[float | None], width: int) -> str:
    """Bars from the lowest to the highest value, the newest `width` of them; a gap for none.

    Changes of level are small beside the level, so that bars from zero would all look alike.
    """
    values = values[-width:]
    there = [value for value in values if value is not None]
    if not there:
        return " " * len(values)
    return bars(values, min(there), max(there))


def as_markdown(report: Report) -> str:
    """A table of the metrics, and their changes as a list."""
    run = report.heads[-1].run
    rows = [
        (
            course.title, sparkline(course.values, _SPARK),
            format_value(_newest(course), course.unit), _changes(report, course) or "none",
        )
        for course in report.courses
    ]  # fmt: skip
    parts = [
        f"## {escaped(run.plan)} on {escaped(run.target)}: {len(report.heads)} runs",
        table(("Metric", "Course", ">Newest", "Changes"), rows),
    ]
    if left := report.left_out:
        lines = bullets(f"{one.file}: {one.why}" for one in left[:_MOST_LEFT_OUT])
        parts += [f"Left out: {len(left)}", lines]
    return "\n\n".join(parts) + "\n"


def _newest(course: Course) -> float | None:
    return next((value for value in reversed(course.values) if value is not None), None)


def _changes(report: Report, course: Course) -> str:
    return "; ".join(
        f"{words_of(course, one)} since {report.heads[one.index].run.id}" for one in course.changes
    )


def as_data(report: Report) -> dict[str, Any]:
    """Everything, for programs; values in the unit that is named."""
    newest = report.heads[-1].run
    return {
        "schema": SCHEMA,
        "plan": newest.plan,
        "target": newest.target,
        "load_hash": newest.load_hash,
        "time_scale": newest.time_scale,
        "runs": [
            {
                "id": head.run.id, "started_at": head.run.started_at.isoformat(),
                "verdict": head.verdict, "version": head.run.version, "tags": head.run.tags,
            }
            for head in report.heads
        ],
        "courses": [
            {
                "title": course.title, "measure": course.measure, "unit": course.unit,
                "more_is_better": course.more_is_better, "values": list(course.values),
                "changes": [
                    {
                        "run": report.heads[one.index].run.id, "index": one.index,
                        "before": one.before, "after": one.after, "p": one.p,
                        "worse": (one.after > one.before) != course.more_is_better,
                    }
                    for one in course.changes
                ],
            }
            for course in report.courses
        ],
        "left_out": [{"file": one.file, "why": one.why} for one in report.left_out],
    }  # fmt: skip


def _cut(line: Text) -> Text:
    line.truncate(WIDTH, overflow="ellipsis")
    return line

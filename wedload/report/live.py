"""The live view: a table that moves in a terminal, or a plain line every few seconds elsewhere.

Everything goes to stderr. Figures come from wedload.report.figures.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from wedload.metrics.all_steps import all_durations, all_failed
from wedload.report.channels import channel_figures, channel_table, channels_words
from wedload.report.columns import WIDTH, BareTable, Name
from wedload.report.countdown import Countdown
from wedload.report.counts import short_count
from wedload.report.dependencies import dependency_figures, dependency_table
from wedload.report.fault_words import left_words
from wedload.report.figures import (
    benchmark_rows,
    observed,
    overall_rates,
    stage_label,
    step_figures,
)
from wedload.report.foot import foot_lines
from wedload.report.marks import MARKS
from wedload.report.room import MOST_CHANNELS, shown_of
from wedload.results.figures import known_quantile_ns
from wedload.results.nouns import column_of, noun_of_load, per_s
from wedload.units import NS_PER_MS, NS_PER_S, format_clock, format_ms, format_ratio

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console, RenderableType

    from wedload.metrics.histogram import Histogram
    from wedload.report.channels import ChannelFigures
    from wedload.report.figures import StepFigures
    from wedload.report.view import RunView
    from wedload.verdict.model import Row

_PLAIN_EVERY_S: Final = 5.0
_LASTING: Final = (
    "stopping",
    "paused",
    "the run cannot be recorded",
)  # notices that stay while the load goes on
_HEAD: Final = 3  # lines: head, progress, and one that stays free
_COURSE: Final = "p95 1min"  # title of the sparklines
_QUANTILES: Final = (0.5, 0.9, 0.95, 0.99)


class LiveView:
    """An observer that draws the run in place."""

    def __init__(self, console: Console, now_s: Callable[[], float] = monotonic) -> None:
        self._console = console
        self._countdown = Countdown(now_s)
        self._live: Live | None = None
        self._notice = ""

    def notice(self, text: str) -> None:
        """Show what goes on outside of the load."""
        self._notice = text
        if self._live is None:
            self._start()
        assert self._live is not None
        self._countdown.told(text)
        self._live.update(Text(f" {self._countdown.worded(text)}", style="dim"), refresh=True)

    def tick(self, view: RunView) -> None:
        """Draw the run anew."""
        if self._live is None:
            self._start()
        assert self._live is not None
        self._live.update(self._draw(view), refresh=True)

    def close(self) -> None:
        """Take the view away; the final tables follow."""
        if self._live is not None:
            # its last picture is not cropped: on a low terminal it would stay above the tables
            self._live.update("")
            self._live.stop()
            self._live = None

    def _start(self) -> None:
        self._live = Live(
            console=self._console, auto_refresh=False, transient=True, vertical_overflow="crop"
        )
        self._live.start()

    def _draw(self, view: RunView) -> RenderableType:
        steps = step_figures(view.summary, view.timeline, view.known_p95)
        rows = benchmark_rows(view)
        channels = _channels(view)
        width = min(self._console.width, WIDTH)
        third = dependency_figures(view.summary, view.timeline, view.dependencies)
        lasting = self._notice if self._notice.startswith(_LASTING) else ""
        foot = foot_lines(view, lasting, self._console.height - _HEAD)
        there = len(steps), len(channels), len(third), len(rows)
        shown = shown_of(self._console.height - _HEAD - len(foot), there)
        parts: list[RenderableType] = [_head(view, width), _progress(view, width)]
        if shown[0] or not steps:
            parts.append(step_table(steps[: shown[0]], live=True))
        parts += _left_out(len(steps), shown[0], "steps")
        if shown[1]:
            parts.append(channel_table(channels[: shown[1]], live=True))
        parts += _left_out(len(channels), shown[1], "channels")
        if shown[2]:
            parts.append(dependency_table(third[: shown[2]], live=True))
        parts += _left_out(len(third), shown[2], "third parties")
        if shown[3]:
            parts.append(benchmark_table(rows[: shown[3]]))
        parts += _left_out(len(rows), shown[3], "benchmarks")
        return Group(*parts, *foot)


class PlainView:
    """An observer that prints a line every few seconds: for logs and pipes."""

    def __init__(self, console: Console, now_s: Callable[[], float] = monotonic) -> None:
        self._console = console
        self._countdown = Countdown(now_s)
        self._next_s = 0.0

    def notice(self, text: str) -> None:
        """Print what goes on outside of the load, a countdown every few seconds."""
        if self._countdown.told(text):
            self._print(self._countdown.worded(text))

    def tick(self, view: RunView) -> None:
        """Print a line, if it is time for one."""
        if view.elapsed_s < self._next_s:
            return
        if (last := self._countdown.over()) is not None:
            self._print(last)
        self._next_s += _PLAIN_EVERY_S
        iterations, steps = overall_rates(view.timeline)
        duration, failed = all_durations(view.summary), all_failed(view.summary)
        total = format_clock(view.workload.end_ns / NS_PER_S)
        stage = view.doing or stage_label(view.workload, view.elapsed_s)
        self._print(
            f"{format_clock(view.elapsed_s)} of {total}  {stage}"
            f"  {view.timeline.active_vus():,} VUs  {iterations:,.0f} it/s"
            f"  {steps:,.0f} {per_s(noun_of_load(view.summary))}"
            f"  p95 {_quantile(duration, 0.95)}  failed {format_ratio(failed.ratio)}"
            + "".join(f"  {words}" for words in channels_words(_channels(view), MOST_CHANNELS))
            + (f"  ! {broken}" if (broken := left_words(view.faults, view.elapsed_s)) else "")
        )

    def close(self) -> None:
        """Nothing to take away."""

    def _print(self, line: str) -> None:
        self._console.print(line, highlight=False, markup=False, soft_wrap=True)


class QuietView:
    """An observer that says nothing."""

    def notice(self, text: str) -> None:
        """Nothing."""

    def tick(self, view: RunView) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


def _left_out(there: int, shown: int, what: str) -> list[Text]:
    if not 0 < shown < there:
        return []
    return [Text(f" … and {there - shown} more {what}", style="dim")]


def _channels(view: RunView) -> list[ChannelFigures]:
    return channel_figures(view.summary, view.channels)


def _head(view: RunView, width: int) -> Table:
    table = Table.grid(expand=False)
    name = max(width - 48, 12)
    stage = max(width - 20 - name, 8)
    for columns, justify in ((name, "left"), (stage, "left"), (18, "right")):
        table.add_column(width=columns, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    total = format_clock(view.workload.end_ns / NS_PER_S)
    table.add_row(
        Text(f" {view.plan} → {view.target}", style="bold"),
        Text(view.doing or stage_label(view.workload, view.elapsed_s)),
        f"{format_clock(view.elapsed_s)} of {total}",
    )
    return table


def _progress(view: RunView, width: int) -> Table:
    iterations, steps = overall_rates(view.timeline)
    rate = f"{short_count(steps)} {per_s(noun_of_load(view.summary))}"
    table = Table.grid(expand=False)
    bar = max(width - 38, 2)
    for columns, justify in (
        (1, "left"), (bar, "left"), (11, "right"), (12, "right"), (max(len(rate), 13), "right"),
    ):  # fmt: skip
        table.add_column(width=columns, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    total_s = max(view.workload.end_ns / NS_PER_S, 1e-9)
    table.add_row(
        "",
        ProgressBar(total=total_s, completed=min(view.elapsed_s, total_s), width=bar),
        Text(f"{view.timeline.active_vus():,} VUs", style="bold"),
        f"{short_count(iterations)} it/s",
        rate,
    )
    return table


def step_table(steps: list[StepFigures], *, live: bool) -> Table:
    """Durations and failures of each step; live with rate and sparkline, else with counts."""
    table = BareTable(gives_way=(_COURSE, "p90", "p50", "max", "p99"))
    table.add_column(" step", no_wrap=True, overflow="ellipsis", ratio=1)
    counted = column_of(one.noun for one in steps)
    table.add_column("rate" if live else counted, justify="right", no_wrap=True)
    for name in ("p50", "p90", "p95", "p99", "max"):
        table.add_column(name, justify="right", no_wrap=True, min_width=6)
    table.add_column("failed", justify="right", no_wrap=True)
    if live:
        table.add_column(_COURSE, no_wrap=True, width=8)
    for step in steps:
        red = "red" if step.failed.yes else ""
        cells: list[str | Text | Name] = [
            Name(f" {step.step}"),
            f"{short_count(step.rate_per_s)}/s" if live else short_count(step.count),
            *(_quantile(step.duration, q) for q in _QUANTILES),
            format_ms(step.duration.max_ns / NS_PER_MS) if step.duration.count else "–",
            Text(format_ratio(step.failed.ratio), style=red),
        ]
        if live:
            cells.append(Text(step.spark, style="cyan"))
        table.add_row(*cells)
    return table


def benchmark_table(rows: list[Row]) -> Table:
    """Each benchmark: what it requires, what was seen, over how many samples."""
    table = BareTable(gives_way=("samples",))
    table.add_column(" benchmark", no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_column("require", no_wrap=True, overflow="ellipsis", max_width=40)
    table.add_column("now", justify="right", no_wrap=True, min_width=8)
    table.add_column("samples", justify="right", no_wrap=True, min_width=8)
    for row in rows:
        mark, colour = MARKS[row.status]
        table.add_row(
            Text.assemble((f" {mark} ", colour), row.name),
            Text(row.requirement.terms),
            Text(observed(row), style=colour if row.status == "missed" else ""),
            f"{row.samples:,}",
        )
    return table


def _quantile(histogram: Histogram, q: float) -> str:
    """A quantile, short; a dash if the samples are too few for it."""
    value = known_quantile_ns(histogram, q)
    return format_ms(None if value is None else value / NS_PER_MS)

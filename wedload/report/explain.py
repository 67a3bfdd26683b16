"""What `wedload check` says about a plan: stages, virtual users over time, what will be sent.

Pure but for the printing; no load.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

from rich.padding import Padding
from rich.text import Text

from wedload.plan.fault_times import fault_spans
from wedload.plan.verbs.base import sampled_steps
from wedload.report.columns import WIDTH, BareTable
from wedload.report.counts import short_count
from wedload.report.explain_channels import channel_table
from wedload.report.explain_databases import database_table
from wedload.report.explain_faults import fault_line, fault_table
from wedload.report.explain_limits import rate_line
from wedload.report.explain_lines import print_lines
from wedload.report.explain_resources import resource_table
from wedload.report.explain_routes import route_table
from wedload.report.explain_third_parties import dependency_table, proxy_table
from wedload.results.nouns import REQUESTS, noun
from wedload.units import NS_PER_S, counted, format_clock, format_duration_ns
from wedload.workload.schedule import (
    ArrivalSchedule,
    ControlledSchedule,
    IterationSchedule,
    VuSchedule,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console
    from rich.table import Table

    from wedload.plan.fault_times import FaultSpan
    from wedload.plan.loader import LoadedPlan
    from wedload.plan.model import Plan
    from wedload.plan.verbs.base import Step
    from wedload.workload.compile_plan import CompiledScenario, Workload

_COLUMNS: Final = 60
_ROWS: Final = 6
_EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
#: what a request, or another message, is assumed to take where nothing has been measured
_ASSUMED_REQUEST_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a scenario is expected to do, if requests take 50 ms."""

    iterations: float
    requests: float
    most_per_s: float  # requests, at its peak


def explain(
    loaded: LoadedPlan,
    workload: Workload,
    target: str,
    console: Console,
    *,
    time_scale: float = 1.0,
) -> None:
    """Print an explanation of a plan; `workload` has the time scale in it, the plan has not."""
    plan = loaded.plan
    console.print(Text.assemble((f" {plan.name}", "bold"), f"  {plan.description}"), width=WIDTH)
    length = format_clock(workload.end_ns / NS_PER_S)
    console.print(
        f" target {target} · {length} long · {counted(len(plan.workflows), 'workflow')} · "
        f"{counted(len(plan.benchmarks), 'benchmark')} · plan hash {loaded.digest[:12]}",
        highlight=False, markup=False, style="dim",
    )  # fmt: skip
    for scenario in workload.scenarios:
        _explain_scenario(plan, scenario, console)
    asked_per_s = sum(estimate_scenario(plan, one).most_per_s for one in workload.scenarios)
    if said := list(rate_line(target, plan.targets[target], asked_per_s)):
        console.print()
        print_lines(said, console)
    for title, *lines in load_charts(workload, fault_spans(plan.faults, time_scale)):
        console.print(f"\n {title}", style="dim")
        for line in lines:
            console.print(f" {line}", highlight=False, markup=False)
    if plan.channels:
        console.print()
        console.print(channel_table(plan, workload))
    if plan.routes:
        console.print()
        console.print(route_table(plan, target))
    if plan.databases:
        console.print()
        console.print(database_table(plan))
    for table in _further(plan, workload, target, time_scale):
        console.print()
        console.print(table)
    if plan.benchmarks:
        console.print()
        console.print(_benchmark_table(plan, time_scale))


def _further(plan: Plan, workload: Workload, target: str, time_scale: float) -> Iterator[Table]:
    """Tables of third parties, proxies, what goes wrong with them, and resources."""
    if plan.dependencies:
        yield dependency_table(plan, target)
    if plan.proxies:
        yield proxy_table(plan)
    if plan.faults:
        yield fault_table(plan, target, workload.end_ns, time_scale)
    if plan.resources.queries:
        yield resource_table(plan)


def _benchmark_table(plan: Plan, time_scale: float) -> Table:
    """Each benchmark with its threshold in full; below it what it is about."""
    table = BareTable()
    table.add_column(" benchmark", ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column("requirement", no_wrap=True)
    for name, row in plan.benchmarks.items():
        table.add_row(Text(f" {name}"), Text(row.words))
        scaled = row.scaled(time_scale)
        subject = row.source.removesuffix(row.words).rstrip(": ")
        more = [scaled.when, "a miss aborts the run" if scaled.abort else ""]
        for words in filter(None, (subject, ", ".join(filter(None, more)))):
            line = Text(words, "dim", no_wrap=False, overflow="fold")
            table.add_row(Padding(line, (0, 0, 0, 3)))
    return table


def _explain_scenario(plan: Plan, scenario: CompiledScenario, console: Console) -> None:
    estimate = estimate_scenario(plan, scenario)
    what = " and ".join(dict.fromkeys(_sent(plan, scenario))) or REQUESTS
    if isinstance(scenario.schedule, ArrivalSchedule):
        assumed = ""  # it depends on nothing but the schedule
    else:
        each = "a request" if what == REQUESTS else "each"
        assumed = f", if {each} takes {_ASSUMED_REQUEST_S * 1000:.0f} ms"
    console.print()
    console.print(
        Text.assemble(
            " scenario ", (scenario.name, "bold"),
            f": up to {scenario.schedule.most_vus:,} virtual users; about "
            f"{short_count(estimate.iterations)} iterations and {short_count(estimate.requests)} "
            f"{what}{assumed}",
        ),
        width=WIDTH,
    )  # fmt: skip
    console.print(_stage_table(scenario))


def _stage_table(scenario: CompiledScenario) -> Table:
    schedule = scenario.schedule
    unit, start, show = "virtual users", Fraction(0), "{:,.0f}".format
    match schedule:
        case VuSchedule():
            start = Fraction(schedule.start_vus)
        case ArrivalSchedule():
            unit, start, show = "iterations/s", schedule.start_rate, "{:,.4g}".format
        case IterationSchedule() | ControlledSchedule():
            start = Fraction(schedule.vus)
    table = BareTable()
    lasts = "at most" if isinstance(schedule, IterationSchedule) else "lasts"
    for column in (" stage", "begins", lasts, unit):
        table.add_column(column, no_wrap=True)
    table.add_column("", ratio=1)
    level, begin_ns = start, scenario.start_ns
    for stage in schedule.stages:
        moves = show(float(level))
        if level != stage.target:
            moves += f" → {show(float(stage.target))}"
        table.add_row(
            Text(f" {stage.name or '(all)'}"),
            format_clock(begin_ns / NS_PER_S),
            format_duration_ns(round(stage.duration_ns, -6)),
            moves,
            "",
        )
        level, begin_ns = Fraction(stage.target), begin_ns + stage.duration_ns
    return table


def estimate_scenario(plan: Plan, scenario: CompiledScenario) -> Estimate:
    """Iterations and requests to expect of a scenario."""
    cumulative = scenario.cumulative_weights
    weights = [b - a for a, b in pairwise((0, *cumulative))]
    requests = pause_s = 0.0
    for flow, weight in zip(scenario.workflows, weights, strict=True):
        share = weight / cumulative[-1]
        flow_requests, flow_pause_s = _cost(plan, plan.workflows[flow.name])
        requests += share * flow_requests
        pause_s += share * flow_pause_s
    if scenario.once:
        each = requests * len(scenario.workflows)
        return Estimate(len(scenario.workflows), each, 1 / _ASSUMED_REQUEST_S)
    iteration_s = requests * _ASSUMED_REQUEST_S + pause_s
    if scenario.pace_ns is not None:
        iteration_s = max(iteration_s, scenario.pace_ns / NS_PER_S)
    iteration_s = max(iteration_s, 1e-3)
    match scenario.schedule:
        case VuSchedule() as schedule:
            iterations = schedule.asked / iteration_s
            most_per_s = schedule.most_vus / iteration_s
        case ArrivalSchedule() as schedule:
            iterations = schedule.asked
            rates = (schedule.start_rate, *(stage.target for stage in schedule.stages))
            most_per_s = float(max(rates))
        case IterationSchedule() as schedule:
            at_most = schedule.vus * schedule.duration_ns / NS_PER_S / iteration_s
            iterations = min(schedule.total, at_most)
            most_per_s = schedule.vus / iteration_s
        case ControlledSchedule() as schedule:  # if nobody scales it
            iterations = schedule.vus * schedule.duration_ns / NS_PER_S / iteration_s
            most_per_s = schedule.vus / iteration_s
    return Estimate(iterations, iterations * requests, most_per_s * requests)


def _sent(plan: Plan, scenario: CompiledScenario) -> Iterator[str]:
    """What is sent, as its nouns; workflows that others run are only within these."""
    names = [flow.name for flow in scenario.workflows]
    for name in names:  # grows
        for step in plan.workflows[name]:
            yield from (
                noun(sampled.measured.count) for _, sampled in sampled_steps(step) if sampled.sends
            )
            names += [inner for inner, _ in step.runs() if inner not in names]


def _cost(plan: Plan, steps: Sequence[Step]) -> tuple[float, float]:
    """Requests and think time (s) of a workflow, conditions aside."""
    requests = pause_s = 0.0
    for step in steps:
        requests += sum(sampled.times_sent for _, sampled in sampled_steps(step))
        pause_s += step.pause_ns / NS_PER_S
        for workflow, times in step.runs():
            inner, inner_s = _cost(plan, plan.workflows[workflow])
            requests += inner * times
            pause_s += inner_s * times
    return requests, pause_s


def load_charts(workload: Workload, faults: Sequence[FaultSpan] = ()) -> Iterator[list[str]]:
    """What is asked for over time, as lines of block characters: users, then arrivals.

    Below them, where any of the `faults` is in force.
    """
    users = [one for one in workload.scenarios if not isinstance(one.schedule, ArrivalSchedule)]
    arrivals = [one for one in workload.scenarios if isinstance(one.schedule, ArrivalSchedule)]
    for title, scenarios in (("virtual users", users), ("iterations per second due", arrivals)):
        if scenarios:
            yield [f"{title} over time", *_chart(scenarios, workload.end_ns, faults)]


def _chart(
    scenarios: list[CompiledScenario], end_ns: int, faults: Sequence[FaultSpan]
) -> list[str]:
    instants_ns = [end_ns * (2 * column + 1) // (2 * _COLUMNS) for column in range(_COLUMNS)]
    for one in scenarios:  # a peak may be shorter than a column
        lengths_ns = [stage.duration_ns for stage in one.schedule.stages]
        instants_ns += list(accumulate(lengths_ns, initial=one.start_ns))
    levels = [0.0] * _COLUMNS
    for at_ns in instants_ns:
        column = min(at_ns * _COLUMNS // max(end_ns, 1), _COLUMNS - 1)
        level = sum(
            one.schedule.level_at(at_ns - one.start_ns)
            for one in scenarios
            if one.start_ns <= at_ns < one.end_ns
        )
        levels[column] = max(levels[column], level)
    highest = max([*levels, 1])
    lines = []
    for row in range(_ROWS - 1, -1, -1):
        cells = ""
        for level in levels:
            eighths = level / highest * _ROWS * 8 - row * 8
            cells += _EIGHTHS[min(max(round(eighths), 0), 8)]
        label = short_count(highest) if row == _ROWS - 1 else ""
        lines.append(f"{label:>7} {cells}")
    if faults:
        lines.append(f"{'faults':>7} {fault_line(faults, end_ns, _COLUMNS)}")
    clock = format_clock(end_ns / NS_PER_S)
    lines.append(f"{'0':>7} {'00:00':<{_COLUMNS - len(clock)}}{clock}")
    return lines

"""What `wedload check` says about a plan: stages, virtual users over time, requests to expect.

Pure but for the printing; no load.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

from rich.text import Text

from wedload.plan.model import BatchStep, HttpStep, ThinkStep, UseStep
from wedload.report.figures import short_count
from wedload.report.live import WIDTH, bare_table
from wedload.units import NS_PER_S, format_clock, format_duration_ns
from wedload.workload.stages import vu_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from wedload.plan.loader import LoadedPlan
    from wedload.plan.model import Plan, Step
    from wedload.workload.compile import CompiledScenario, Workload

_COLUMNS: Final = 60
_ROWS: Final = 6
_EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
#: what a request is assumed to take where nothing has been measured
_ASSUMED_REQUEST_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a scenario is expected to do, if requests take 50 ms."""

    iterations: float
    requests: float


def explain(loaded: LoadedPlan, workload: Workload, target: str, console: Console) -> None:
    """Print an explanation of a plan."""
    plan = loaded.plan
    console.print(Text.assemble((f" {plan.name}", "bold"), f"  {plan.description}"), width=WIDTH)
    length = format_clock(workload.end_ns / NS_PER_S)
    console.print(
        f" target {target} · {length} long · {len(plan.workflows)} workflows · "
        f"{len(plan.benchmarks)} benchmarks · hash {loaded.digest[:12]}",
        highlight=False, markup=False, style="dim",
    )  # fmt: skip
    for scenario in workload.scenarios:
        _explain_scenario(plan, scenario, console)
    console.print("\n virtual users over time", style="dim")
    for line in vu_chart(workload):
        console.print(f" {line}", highlight=False, markup=False)
    if plan.benchmarks:
        table = bare_table()
        table.add_column(" benchmark", ratio=1, no_wrap=True, overflow="ellipsis")
        table.add_column("requirement", no_wrap=True, overflow="ellipsis", max_width=52)
        for name, requirement in plan.benchmarks.items():
            table.add_row(Text(f" {name}"), Text(requirement.source))
        console.print()
        console.print(table)


def _explain_scenario(plan: Plan, scenario: CompiledScenario, console: Console) -> None:
    estimate = estimate_scenario(plan, scenario)
    console.print()
    console.print(
        Text.assemble(
            " scenario ", (scenario.name, "bold"),
            f": up to {scenario.most_vus:,} virtual users; about "
            f"{short_count(estimate.iterations)} iterations and {short_count(estimate.requests)} "
            f"requests, if a request takes {_ASSUMED_REQUEST_S * 1000:.0f} ms",
        ),
        width=WIDTH,
    )  # fmt: skip
    table = bare_table()
    for column in (" stage", "begins", "lasts", "virtual users"):
        table.add_column(column, no_wrap=True)
    table.add_column("", ratio=1)
    level, begin_ns = scenario.start_vus, scenario.start_ns
    for stage in scenario.stages:
        moves = f"{level:,} → {stage.target:,}" if level != stage.target else f"{level:,}"
        table.add_row(
            Text(f" {stage.name or '(all)'}"),
            format_clock(begin_ns / NS_PER_S),
            format_duration_ns(round(stage.duration_ns, -6)),
            moves,
            "",
        )
        level, begin_ns = stage.target, begin_ns + stage.duration_ns
    console.print(table)


def estimate_scenario(plan: Plan, scenario: CompiledScenario) -> Estimate:
    """Iterations and requests to expect of a scenario."""
    cumulative = scenario.cumulative_weights
    weights = [b - a for a, b in pairwise((0, *cumulative))]
    requests = pause_s = 0.0
    for flow, weight in zip(scenario.flows, weights, strict=True):
        share = weight / cumulative[-1]
        flow_requests, flow_pause_s = _cost(plan, plan.workflows[flow.name])
        requests += share * flow_requests
        pause_s += share * flow_pause_s
    iteration_s = requests * _ASSUMED_REQUEST_S + pause_s
    if scenario.pace_ns is not None:
        iteration_s = max(iteration_s, scenario.pace_ns / NS_PER_S)
    if scenario.once:
        return Estimate(len(scenario.flows), requests * len(scenario.flows))
    iterations = vu_seconds(scenario.start_vus, scenario.stages) / max(iteration_s, 1e-3)
    return Estimate(iterations, iterations * requests)


def _cost(plan: Plan, steps: Sequence[Step]) -> tuple[float, float]:
    """Requests and think time (s) of a workflow, conditions aside."""
    requests = pause_s = 0.0
    for step in steps:
        match step:
            case HttpStep():
                requests += 1
            case BatchStep():
                requests += len(step.batch)
            case ThinkStep():
                pause_s += step.think.mean_ns / NS_PER_S
            case UseStep():
                inner, inner_s = _cost(plan, plan.workflows[step.use])
                requests += inner * step.repeat
                pause_s += inner_s * step.repeat
    return requests, pause_s


def vu_chart(workload: Workload) -> list[str]:
    """Virtual users asked for over time, as lines of block characters."""
    end_ns = workload.end_ns
    instants_ns = [end_ns * (2 * column + 1) // (2 * _COLUMNS) for column in range(_COLUMNS)]
    for one in workload.scenarios:  # a peak may be shorter than a column
        lengths_ns = (stage.duration_ns for stage in one.stages)
        instants_ns += list(accumulate(lengths_ns, initial=one.start_ns))
    levels = [0] * _COLUMNS
    for at_ns in instants_ns:
        column = min(at_ns * _COLUMNS // max(end_ns, 1), _COLUMNS - 1)
        levels[column] = max(levels[column], workload.asked_vus(at_ns))
    highest = max([*levels, 1])
    lines = []
    for row in range(_ROWS - 1, -1, -1):
        cells = ""
        for level in levels:
            eighths = level / highest * _ROWS * 8 - row * 8
            cells += _EIGHTHS[min(max(round(eighths), 0), 8)]
        label = short_count(highest) if row == _ROWS - 1 else ""
        lines.append(f"{label:>7} {cells}")
    clock = format_clock(end_ns / NS_PER_S)
    lines.append(f"{'0':>7} {'00:00':<{_COLUMNS - len(clock)}}{clock}")
    return lines

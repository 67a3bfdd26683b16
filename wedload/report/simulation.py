"""What third parties that were played by themselves were asked, in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from wedload.metrics.timeline import Timeline
from wedload.report.columns import WIDTH, print_indented
from wedload.report.dependencies import dependency_figures, dependency_table
from wedload.report.third_party_words import LEGEND, proxy_words
from wedload.results.dependency_model import FaultProxy
from wedload.units import format_clock, format_count

if TYPE_CHECKING:
    from rich.console import Console

    from wedload.plan.model import Plan
    from wedload.results.simulated import Simulated


def print_simulated(plan: Plan, done: Simulated, console: Console) -> None:
    """Print the summary: a row for each third party, and a line for each proxy."""
    console.print()
    console.print(Text(f" played for {format_clock(done.elapsed_s)}"), width=WIDTH)
    found = dependency_figures(done.summary, Timeline(), plan.dependencies)
    if found:
        console.print()
        console.print(dependency_table(found))
        console.print(Text(f" {LEGEND}", style="dim"), width=WIDTH)
    for one in found:
        outcomes = ", ".join(
            f"{format_count(number)} {outcome}" for outcome, number in one.counts.outcomes.items()
        )
        if outcomes:
            print_indented(Text(f"{one.name}: {outcomes}"), console)
    for name, report in done.proxies.items():
        proxy = FaultProxy.model_validate(
            {**report, "name": name, "upstream": plan.proxies[name].upstream}
        )
        print_indented(Text(proxy_words(proxy)), console)

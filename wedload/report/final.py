"""The final report in a terminal: steps, failures, benchmarks, and the verdict with its reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.text import Text

from wedload.metrics.all_steps import all_failed
from wedload.report import resource_words, third_party_words
from wedload.report.accepted_words import accepted_words
from wedload.report.analysis import print_gist
from wedload.report.analysis_words import is_worth_telling
from wedload.report.capacity_words import HEAD, capacity_sentences, probe_cells
from wedload.report.channels import channel_figures, channel_legend, channel_notes, channel_table
from wedload.report.columns import WIDTH, BareTable, print_indented, print_item, print_sentence
from wedload.report.dependencies import dependency_figures, dependency_table
from wedload.report.explained_words import explained_head, explained_words
from wedload.report.fallback_words import fallbacks_of_run
from wedload.report.fault_words import LEGEND
from wedload.report.faults import fault_notes, fault_table
from wedload.report.figures import step_figures
from wedload.report.limit_words import limit_words
from wedload.report.live import benchmark_table, step_table
from wedload.report.monitoring_words import monitoring_words
from wedload.report.resources import resource_table, shown
from wedload.report.route_words import LEGEND as LEGEND_OF_ROUTES
from wedload.report.route_words import route_notes
from wedload.report.routes import route_table
from wedload.report.trace_words import trace_words
from wedload.results.channel_model import ear_of
from wedload.results.faults import faults_of
from wedload.results.limits import limits_of
from wedload.results.nouns import counted_by_verb, together
from wedload.results.resources import resources_of
from wedload.results.routes import routes_of
from wedload.results.steps import step_where
from wedload.results.third_parties import dependencies_of, proxies_of
from wedload.statistics.bounds import samples_for_quantile
from wedload.units import NS_PER_MS, format_clock, format_ms, format_ratio
from wedload.verdict.wording import met_of, short_of_proof

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from wedload.results.analysis_model import Analysis
    from wedload.results.run import Run
    from wedload.verdict.validity import GeneratorHealth

_MOST_FAILURES: Final = 8
_VERDICTS: Final = {"pass": "bold green", "fail": "bold red", "invalid": "bold yellow"}


def print_final(run: Run, console: Console, analysis: Analysis | None = None) -> None:
    """Print what a person wants to know when a run is over."""
    summary = run.summary
    iterations, interrupted = summary.count("iterations"), summary.count("interrupted_iterations")
    console.print()
    for line in _head(run, iterations):
        console.print(line, width=WIDTH)
    if interrupted:
        words = f" {interrupted:,} iterations were interrupted by a ramp-down or the end"
        console.print(words, style="dim", highlight=False)
    if dropped := summary.count("dropped_iterations"):
        words = f" {dropped:,} iterations were due and dropped"
        console.print(words, style="yellow", highlight=False)
    _print_tables(run, console)
    _print_faults(run, console)
    _print_explained(run, console)
    _print_beside(run, console)
    _print_checks(run, console)
    _print_failures(run, console)
    if run.verdict.rows:
        console.print()
        table = benchmark_table(list(run.verdict.rows))
        table.columns[2].header = "observed"
        console.print(table)
        for note in filter(None, map(short_of_proof, run.verdict.rows)):
            print_indented(Text(note, "dim"), console)
    _print_capacity(run, console)
    _print_footnotes(run, console)
    _print_verdict(run, console)
    if analysis is not None and is_worth_telling(analysis):
        print_gist(analysis, console)


def _head(run: Run, iterations: int) -> Iterator[Text]:
    """What was run, for how long, and how much it did; in lines that break between figures."""
    line = Text(f" {run.info.plan} → {run.info.target}", "bold")
    counts = [(iterations, "iterations"), *counted_by_verb(run.summary)]
    facts = [f"{format_clock(run.load_s)} of load", *(f"{many:,} {what}" for many, what in counts)]
    for place, fact in enumerate(facts):
        if place and cell_len(line.plain) + 3 + cell_len(fact) > WIDTH:
            yield line
            line = Text(f" {fact}")
        else:
            line.append(f"   {fact}", "not bold")
    yield line


def _print_tables(run: Run, console: Console) -> None:
    """Steps, channels, and third parties."""
    steps = step_figures(run.summary, run.timeline, {})
    third = dependency_figures(run.summary, run.timeline, run.info.dependencies)
    channels = channel_figures(run.summary, run.info.channels)
    if steps:
        console.print(step_table(steps, live=False))
    if channels:
        console.print(channel_table(channels))
        print_indented(Text(channel_legend(channels), style="dim"), console)
    if third:
        console.print(dependency_table(third))
        print_indented(Text(third_party_words.LEGEND, style="dim"), console)
    routes = routes_of(run)
    if routes:
        console.print(route_table(routes))
        print_indented(Text(LEGEND_OF_ROUTES, style="dim"), console)
    durations = [one.duration for one in steps] + [one.took for one in channels]
    durations += [one.took for one in third]
    if any(one.count < samples_for_quantile(0.99) for one in durations):
        console.print(" –: too few samples for that percentile", style="dim", highlight=False)
    found = {name: ear_of(report) for name, report in (run.channels or {}).items()}
    ears = {name: ear for name, ear in found.items() if ear is not None}
    notes = (
        *fallbacks_of_run(run.summary), *channel_notes(channels, ears), *_third_party_notes(run),
        *limit_words(limits_of(run)), *trace_words(run.traces),
        *(note for one in routes for note in route_notes(one)),
    )  # fmt: skip
    for note in notes:
        print_indented(Text(note, style="dim"), console)


def _third_party_notes(run: Run) -> Iterator[str]:
    for one in dependencies_of(run):
        if words := third_party_words.besides(one):
            yield f"{one.name}: {words}"
    for proxy in proxies_of(run):
        yield f"proxy {third_party_words.proxy_words(proxy)}"


def _print_faults(run: Run, console: Console) -> None:
    faults = faults_of(run)
    if not faults:
        return
    console.print(fault_table(faults))
    print_indented(Text(LEGEND, style="dim"), console)
    for note in fault_notes(faults):
        print_indented(note, console)


def _print_explained(run: Run, console: Console) -> None:
    for one in run.explained:
        print_sentence(Text(explained_head(one)), console)
        print_item("   ", explained_words(one), console)


def _print_beside(run: Run, console: Console) -> None:
    """What was sampled beside the load, and who was told of it."""
    found = resources_of(run)
    if there := shown(found):
        console.print(resource_table(there))
        print_indented(Text(resource_words.LEGEND, style="dim"), console)
    for one in found:
        for note in resource_words.notes(one):
            print_indented(Text(note, style="dim"), console)
    for line in monitoring_words(run.monitoring):
        print_indented(Text(line, style="dim"), console)


def _print_checks(run: Run, console: Console) -> None:
    rate = run.summary.rate("checks")
    if not rate.total:
        return
    passed = f"{rate.yes:,} of {rate.total:,} passed ({format_ratio(rate.ratio)})"
    console.print(f" checks: {passed}", highlight=False)
    if rate.yes == rate.total:
        return
    table = BareTable()
    table.add_column("   failed check", overflow="ellipsis", no_wrap=True, ratio=1)
    table.add_column("step", overflow="ellipsis", no_wrap=True, max_width=24)
    table.add_column("failed", justify="right", no_wrap=True)
    seen = set()
    for one in run.summary.catalogue.series:
        key = (one.scenario, one.workflow, one.step, one.check)
        if one.check is None or not one.judged or key in seen:
            continue
        seen.add(key)
        where = (*step_where(one.scenario, one.workflow, str(one.step)), ("check", one.check))
        found = run.summary.rate("checks", where)
        if found.yes < found.total:
            table.add_row(
                Text(f"   {one.check}"),
                Text(str(one.step)),
                f"{found.total - found.yes:,} ({format_ratio(1 - found.ratio)})",
            )
    console.print(table)


def _print_failures(run: Run, console: Console) -> None:
    notes = run.summary.notes.most_common()
    if not notes:
        return
    share = format_ratio(all_failed(run.summary).ratio)
    what = together(noun for _, noun in counted_by_verb(run.summary))
    console.print(f" failures: {share} of {what}", style="red", highlight=False)
    for text, count in notes[:_MOST_FAILURES]:
        print_item(f"{count:>8,} × ", text, console)
    if len(notes) > _MOST_FAILURES:
        console.print(f"         … and {len(notes) - _MOST_FAILURES} more kinds", style="dim")


def _print_capacity(run: Run, console: Console) -> None:
    found = run.capacity
    if found is None:
        return
    if found.probes:
        console.print()
        table = BareTable(gives_way=("at", "req/s"))
        for title in HEAD:
            number, name = title.startswith(">"), title.removeprefix(">")
            table.add_column(
                f" {name}" if name == HEAD[0] else name,
                justify="right" if number else "left",
                no_wrap=True,
                overflow="ellipsis",
                ratio=1 if name == "row nearest its limit" else None,
            )
        rows = [(r.name, r.requirement.metric, r.requirement.unit) for r in run.verdict.rows]
        for cells in probe_cells(found, rows):
            table.add_row(f" {cells[0]}", *cells[1:5], Text(cells[5]), cells[6])
        console.print(table)
    console.print()
    for place, sentence in enumerate(capacity_sentences(found)):
        print_sentence(Text(sentence, "" if place else "bold"), console)


def _print_footnotes(run: Run, console: Console) -> None:
    health, cleanup = run.health, run.cleanup
    lines = []
    if health.seconds:
        lines.append(_fared(_who(len(health.processes)), health))
    if health.ears is not None:
        lines.append(_fared("channels", health.ears))
    if health.parties is not None:
        lines.append(_fared("third parties", health.parties))
    if cleanup is not None and (cleanup.created or cleanup.uncertain or cleanup.swept):
        lines.append(
            f"clean-up: {cleanup.deleted:,} of {cleanup.created:,} deleted"
            + (f" ({cleanup.absent:,} not found)" if cleanup.absent else "")
            + (f", {cleanup.leaked:,} left behind" if cleanup.leaked else "")
            + (f", {cleanup.uncertain:,} perhaps created" if cleanup.uncertain else "")
            + (f", {cleanup.swept:,} more swept away" if cleanup.swept else "")
        )
    if lines:
        console.print()
    for line in lines:
        console.print(f" {line}", style="dim", highlight=False, width=WIDTH)


def _fared(who: str, health: GeneratorHealth) -> str:
    lag = format_ms(health.loop_lag.quantile_ns(0.99) / NS_PER_MS)
    cpu = f"{format_ratio(health.cpu_avg)} (max {format_ratio(health.cpu_max)})"
    memory = f"{health.memory_max_bytes / 1e6:.0f} MB"
    return f"{who}: CPU {cpu}, loop lag p99 {lag}, memory {memory}"


def _who(processes: int) -> str:
    return "generator" if processes == 1 else f"{processes} generators"


def _print_verdict(run: Run, console: Console) -> None:
    verdict = run.verdict
    console.print()
    head = Text.assemble(
        (f" verdict: {verdict.outcome.upper()}", _VERDICTS[verdict.outcome]),
        f"  {met_of(row.status for row in verdict.rows)}",
        "  (interrupted)" if run.interrupted else "",
    )
    console.print(head)
    for reason in verdict.reasons:
        print_sentence(Text(f"• {reason}"), console)
    for finding in verdict.findings:
        if not (finding.invalidates or finding.fails):  # those are reasons
            print_sentence(Text(f"• {finding.message}", style="yellow"), console)
    for one in run.info.accepted_data:
        print_sentence(Text(f"• {accepted_words(one)}", style="yellow"), console)

"""The report's tables of speed and memory: one a case, and the ratios of all at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.cases import EVERY, Case
from benchmarks.figures import Spread, ratios
from benchmarks.report_table import count, percent, table, times

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.store import Record, Store

_OURS = "wedload"
_SATURATED_RATIO = 0.95
_NOISY_RATIO = 0.05
_COUNTED_RATIO = 0.01
_HEAD = [
    "tool", "requests/s", "per CPU-second", "wedload is", "CPU-s", "largest process, MiB",
    "process tree, MiB", "server's core", "errors",
]  # fmt: skip


def rate(record: Record) -> float:
    """Requests per second of load."""
    return float(record["reading"]["requests"] / record["reading"]["load_s"])


def efficiency(record: Record) -> float:
    """Requests per CPU-second of the whole process tree, start-up and report included."""
    return float(record["reading"]["requests"] / max(record["usage"]["cpu_s"], 0.01))


def sections(store: Store) -> list[str]:
    """Each case that has been run, below a table of the ratios."""
    cases = [case for case in EVERY.values() if case.group == "speed" and store.of(case.name)]
    if not cases:
        return []
    parts = ["## Speed and memory", _glance(store, cases, efficiency)]
    if idle := _start_up_cpu_s(store):

        def loaded(record: Record) -> float:
            used = record["usage"]["cpu_s"] - idle.get(record["tool"], 0.0)
            return float(record["reading"]["requests"] / max(used, 0.01))

        told = ", ".join(f"{name} {used:.2f} s" for name, used in idle.items())
        parts += [
            f"The same with the CPU of the start-up case taken off ({told}; others none):",
            _glance(store, cases, loaded),
        ]
    for case in cases:
        parts += [f"### {case.title}", _table(store, case)]
        if notes := _notes(store.of(case.name)):
            parts.append("\n".join(f"- {note}" for note in notes))
    return parts


def _by_round(records: list[Record], figure: Callable[[Record], float]) -> dict[int, float]:
    return {one["round"]: figure(one) for one in records if "reading" in one}


def _start_up_cpu_s(store: Store) -> dict[str, float]:
    """CPU seconds that a tool takes to drive next to nothing, where that has been measured."""
    found = store.of("start-up")
    spreads = {
        name: Spread.of([one["usage"]["cpu_s"] for one in records if "usage" in one])
        for name, records in found.items()
    }
    return {name: spread.median for name, spread in spreads.items() if spread}


def _glance(store: Store, cases: list[Case], figure: Callable[[Record], float]) -> str:
    tools = [name for name in _tools(store) if name != _OURS]
    rows = []
    for case in cases:
        if case.name == "start-up":
            continue
        found = store.of(case.name)
        ours = _by_round(found.get(_OURS, []), figure)
        cells = []
        for name in tools:
            spread = ratios(ours, _by_round(found.get(name, []), figure)) if ours else None
            cells.append(times(spread.median) if spread else "–")
        rows.append([case.title, *cells])
    head = ["requests per CPU-second: wedload is … times", *tools]
    return table(head, rows)


def _tools(store: Store) -> list[str]:
    return list(dict.fromkeys([*store.about.get("versions", {}), *store.about.get("missing", {})]))


def _table(store: Store, case: Case) -> str:
    found = store.of(case.name)
    ours = _by_round(found.get(_OURS, []), efficiency)
    rows = []
    for name in _tools(store):
        if case.only and name not in case.only:
            continue
        records = found.get(name, [])
        good = [one for one in records if "reading" in one]
        if not good:
            rows.append([name, _why(store, name, records), *[""] * (len(_HEAD) - 2)])
            continue
        ratio = ratios(ours, _by_round(good, efficiency)) if name != _OURS and ours else None
        rows.append(
            [
                name,
                _cell(good, rate, count),
                _cell(good, efficiency, count),
                ratio.text(times) if ratio else "",
                _cell(good, lambda one: one["usage"]["cpu_s"], count),
                _cell(good, lambda one: one["usage"]["largest_mb"], count),
                _cell(good, lambda one: one["usage"]["sum_mb"], count),
                _cell(good, lambda one: one["server"]["cpu_ratio"], percent),
                str(sum(one["reading"]["errors"] for one in good)),
            ]
        )
    return table(_HEAD, rows)


def _cell(
    records: list[Record], figure: Callable[[Record], float], show: Callable[[float], str]
) -> str:
    spread = Spread.of([figure(one) for one in records])
    return spread.text(show) if spread else ""


def _why(store: Store, name: str, records: list[Record]) -> str:
    if name in store.about.get("missing", {}):
        return "missing"
    reasons = {one.get("unable") or "failed" for one in records}
    return ", ".join(sorted(reasons)) or "not run"


def _notes(found: dict[str, list[Record]]) -> list[str]:
    notes = []
    for name, records in found.items():
        good = [one for one in records if "reading" in one]
        notes += [
            f"{name}, round {one['round']}: {one['failed']}" for one in records if "failed" in one
        ]
        if not good:
            continue
        busy = Spread.of([one["server"]["cpu_ratio"] for one in good])
        if busy and busy.median >= _SATURATED_RATIO:
            notes.append(f"{name}: the server's core was full, so its requests/s are the server's")
        for one in good:
            notes += [f"{name}, round {one['round']}: {text}" for text in _doubts(one)]
        if len(good[-1]["usage"]["processes"]) > 1:
            notes.append(f"{name}, peak MiB of each process: {_processes(good)}")
        if lost := sum(one["reading"]["checks_failed"] or 0 for one in good):
            notes.append(f"{name}: {lost:,} checks failed")
        if dropped := sum(one["reading"]["dropped"] or 0 for one in good):
            notes.append(f"{name}: {dropped:,} iterations were due and never started")
    return notes


def _processes(records: list[Record]) -> str:
    peaks: dict[str, list[float]] = {}
    for record in records:
        for process in record["usage"]["processes"]:
            peaks.setdefault(program_of(process["command"]), []).append(process["peak_mb"])
    spreads = {name: Spread.of(values) for name, values in peaks.items()}
    return ", ".join(f"{name} {spread.text(count)}" for name, spread in spreads.items() if spread)


def program_of(command: str) -> str:
    """The program of a command line: of `python -m a.b` the module, of `python x/y` the file."""
    words = command.split()
    while len(words) > 1 and words[0].rpartition("/")[2].startswith(("python", "node")):
        words = words[1:]
        while words[0].startswith("-") and len(words) > 1:
            if words[0] == "-m":
                return words[1]
            words = words[1:]  # an option of the interpreter: -P
    return words[0].rpartition("/")[2] if words else "?"


def _doubts(record: Record) -> list[str]:
    """What makes the figures of one run doubtful."""
    doubts = []
    said, seen = record["reading"]["requests"], record["server"]["requests"]
    if abs(seen - said) > max(_COUNTED_RATIO * seen, 1):
        doubts.append(f"it says {said:,} requests, the server counted {seen:,}")
    noise = record["usage"]["noise"]
    if noise["steal_ratio"] > _NOISY_RATIO:
        doubts.append(f"{noise['steal_ratio']:.0%} of its core were stolen by the hypervisor")
    if noise["foreign_ratio"] > _NOISY_RATIO:
        doubts.append(f"{noise['foreign_ratio']:.0%} of its core were taken by other processes")
    return doubts

"""The report's tables against known answers: percentiles, freezes, iterations of ramps."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

from benchmarks.cases import EVERY, FREEZE, FREEZE_RATE_PER_S, Case, expected_vu_seconds
from benchmarks.figures import PERCENTILES, freeze_waits_ms, percentiles
from benchmarks.report_table import table

if TYPE_CHECKING:
    from benchmarks.store import Record, Store


def sections(store: Store) -> list[str]:
    """What has been run of the three groups."""
    return [*_accuracy(store), *_freeze(store), *_executors(store)]


def _run(store: Store, group: str) -> list[Case]:
    return [case for case in EVERY.values() if case.group == group and store.of(case.name)]


def _medians(records: list[Record], *keys: str) -> dict[str, float]:
    """The median over rounds of each percentile found at these keys."""
    found: dict[str, list[float]] = {}
    for record in records:
        inner: Any = record
        for key in keys:
            inner = inner.get(key, {})
        for name, value in inner.items():
            found.setdefault(name, []).append(value)
    return {name: statistics.median(values) for name, values in found.items()}


def _ms(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}"


def _accuracy(store: Store) -> list[str]:
    parts = []
    for case in _run(store, "accuracy"):
        rows = []
        for name, records in store.of(case.name).items():
            good = [one for one in records if "reading" in one]
            if not good:
                rows.append([name, _reason(records), *[""] * 6])
                continue
            row = [name, f"{statistics.median(one['server']['requests'] for one in good):,.0f}"]
            for percentile in PERCENTILES:
                row += _against(good, percentile)
            rows.append(row)
        head = ["tool", "requests"]
        for percentile in PERCENTILES:
            head += [f"{percentile}, ms", "off by"]
        told = (
            f"{case.title}; {case.vus} connections, closed load. In brackets the truth: the same "
            "percentile of the durations that the server stamped in the same run. The way there "
            "and back, a tenth of a millisecond or two, is the client's alone."
        )
        head_line = "## Accuracy: reported percentiles against the server's own stamps"
        parts += [head_line, told, table(head, rows)]
    return parts


def _against(records: list[Record], percentile: str) -> list[str]:
    said = [one["reading"]["percentiles_ms"].get(percentile) for one in records]
    true = [one["server"]["percentiles_ms"].get(percentile) for one in records]
    pairs = [(s, t) for s, t in zip(said, true, strict=True) if s is not None and t]
    if not pairs:
        return ["–", "–"]
    off = statistics.median(s - t for s, t in pairs)
    middle = statistics.median(t for _, t in pairs)
    shown = f"{_ms(statistics.median(s for s, _ in pairs))} ({_ms(middle)})"
    return [shown, f"{off:+.1f} ms, {off / middle:+.1%}"]


def _reason(records: list[Record]) -> str:
    reasons = {one.get("unable") or "failed: " + one.get("failed", "") for one in records}
    return ", ".join(sorted(reasons))


def _freeze(store: Store) -> list[str]:
    cases = _run(store, "freeze")
    if not cases:
        return []
    seconds = cases[0].seconds(0)
    truth = percentiles(freeze_waits_ms(FREEZE, FREEZE_RATE_PER_S, seconds))
    rows = [["**computed**", "users who arrive on schedule", f"{FREEZE_RATE_PER_S * seconds:,.0f}",
             "0", *[_ms(truth[name]) for name in PERCENTILES]]]  # fmt: skip
    cannot: list[str] = []
    for case in cases:
        for name, records in store.of(case.name).items():
            good = [one for one in records if "reading" in one]
            if not good:
                cannot.append(f"- {name}, {case.title}: {_reason(records)}")
                continue
            sent = statistics.median(one["reading"]["requests"] for one in good)
            dropped = statistics.median(one["reading"]["dropped"] or 0 for one in good)
            for label, key in (("", "percentiles_ms"), (", from when it was due", "corrected_ms")):
                said = _medians(good, "reading", key)
                if said:
                    rows.append([name + label, case.title, f"{sent:,.0f}", f"{dropped:,.0f}",
                                 *[_ms(said.get(name)) for name in PERCENTILES]])  # fmt: skip
    head = ["tool", "load", "requests", "dropped", "p50, ms", "p95, ms", "p99, ms"]
    told = (
        f"It answers after {FREEZE['fixed_ms']} ms, but for {FREEZE['frozen_s']} s in every "
        f"{FREEZE['every_s']} s, while {FREEZE_RATE_PER_S} requests a second are asked for, over "
        f"{seconds:.0f} s. Requests that were never sent, or sent later than they were due, are "
        "missing in percentiles of the request's duration."
    )
    parts = ["## A server that freezes: coordinated omission", told, table(head, rows)]
    return [*parts, "\n".join(cannot)] if cannot else parts


def _executors(store: Store) -> list[str]:
    rows = []
    for case in _run(store, "executors"):
        found = {
            name: [one for one in records if "reading" in one]
            for name, records in store.of(case.name).items()
        }
        counts = {
            name: statistics.median(one["reading"]["iterations"] for one in good)
            for name, good in found.items()
            if good
        }
        if not {"wedload", "k6"} <= set(counts):
            had = [str(counts.get(name, "not run")) for name in ("wedload", "k6")]
            rows.append([case.title, *had, *[""] * 5])
            continue
        each = {
            name: statistics.median(one["reading"]["iteration_ms"] for one in found[name])
            for name in counts
        }
        done = {name: counts[name] * each[name] / 1000 for name in counts}
        area = expected_vu_seconds(case)
        rows.append(
            [
                case.title,
                f"{counts['wedload']:,.0f}",
                f"{counts['k6']:,.0f}",
                f"{counts['wedload'] / counts['k6'] - 1:+.2%}",
                f"{each['wedload']:.2f}",
                f"{each['k6']:.2f}",
                f"{done['wedload'] / done['k6'] - 1:+.2%}",
                f"{done['wedload'] / area:.1%} / {done['k6'] / area:.1%}",
            ]
        )
    if not rows:
        return []
    head = ["stages", "wedload, iterations", "k6, iterations", "difference", "wedload, ms each",
            "k6, ms each", "VU-seconds, difference", "of the area: wedload / k6"]  # fmt: skip
    told = (
        "Against a server that answers after 50 ms. Counts differ also because iterations do: each "
        "tool's own mean is beside them, and VU-seconds are count × mean, free of that. The last "
        "column compares those with the area under the stages; iterations that finish after their "
        "virtual user is not needed any more make it more than 100 %."
    )
    return ["## ramping-vus: iterations beside k6's", told, table(head, rows)]

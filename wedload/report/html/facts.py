"""Whether the numbers can be trusted, and what was asked of whom. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.report.accepted_words import accepted_words
from wedload.report.html import wording
from wedload.report.html.markup import Column, Html, element, join, table
from wedload.report.html.tables import mark
from wedload.units import WITHHELD, format_count, format_ms, format_ratio, format_size

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wedload.results.model import Finding, Result

#: processes that are no load processes
_ROLES: Final = {"channels": "channels", "dependencies": "third parties"}


def _mark(one: Finding) -> Html:
    if one.invalidates:
        return mark("✗", "invalidates", "bad")
    return mark("✗", "fails", "bad") if one.fails else mark("!", "note", "unsure")


def validity(result: Result) -> Html:
    """Findings first, then how the load processes fared."""
    found = result.validity.findings
    if found:
        items = [
            element(
                "li",
                _mark(one),
                " ",
                one.message,
            )
            for one in found
        ]
        said = element("ul", *items, class_="findings")
    elif result.validity.valid:
        said = element("p", mark("✓", "Nothing speaks against the numbers.", "good"))
    else:
        said = element("p", mark("✗", "The run is invalid: see the reasons above.", "bad"))
    return join([said, _generator(result)])


def _generator(result: Result) -> Html:
    processes = result.validity.generator.processes
    if not processes:
        return element("p", "No load process told how it fared.", class_="none")
    columns = ["CPU, average", "CPU, highest", "loop lag p99", "memory", "longest GC", "open files"]
    rows: list[list[str | Html]] = [
        [
            _ROLES.get(one.role, str(one.worker)),
            format_ratio(one.cpu_avg_ratio),
            format_ratio(one.cpu_max_ratio),
            format_ms(one.loop_lag.p99),
            format_size(one.memory_max_bytes),
            format_ms(one.gc.longest),
            format_count(one.open_files_max)
            + (f" of {format_count(one.open_files_limit)}" if one.open_files_limit else ""),
        ]
        for one in processes
    ]
    return table(
        "Health of the load processes: CPU is of one core, loop lag is how late each ran.",
        [Column("process", "name"), *(Column(name, "number") for name in columns)],
        rows,
    )


def asked(result: Result) -> Html:
    """Plan, target and circumstances: what it takes to do it again."""
    run = result.run
    host = ", ".join(f"{key} {_shown(value)}" for key, value in run.host.items())
    pairs: list[tuple[str, str | Html]] = [
        ("plan", join([run.plan, " (", element("code", run.plan_file), ")"])),
        ("plan hash", element("code", run.plan_hash)),
        ("load hash", join([element("code", run.load_hash), " – comparable if equal"])),
        ("target", run.target),
        ("base URL", element("code", run.base_url)),
        ("started", f"{run.started_at:%Y-%m-%d %H:%M:%S %Z}"),
        (
            "load",
            f"{wording.lasting(run.duration_s)} of {wording.lasting(run.planned_s)} planned",
        ),
        ("time scale", f"{run.time_scale:g}"),
        ("seed", element("code", str(run.seed))),
        ("load processes", format_count(run.workers)),
        ("wedload", run.version),
        ("host", host or WITHHELD),
        ("tags", ", ".join(f"{key}={value}" for key, value in run.tags.items()) or "none"),
        *(
            ("data that may be somebody's", accepted_words(one).removeprefix("accepted: "))
            for one in run.accepted_data
        ),
        ("run", element("code", run.id)),
    ]
    return definitions(pairs)


def definitions(pairs: Iterable[tuple[str, str | Html]]) -> Html:
    """Names and what they stand for."""
    return element(
        "dl",
        *(element("div", element("dt", name), element("dd", what)) for name, what in pairs),
        class_="facts",
    )


def _shown(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)

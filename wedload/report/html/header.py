"""The head of the page: what was run, the verdict and why, and the run in numbers. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.report.html import wording
from wedload.report.html.by_verb import by_verb
from wedload.report.html.markup import Html, element, join
from wedload.units import format_count, format_ms, format_per_s, format_ratio
from wedload.verdict.wording import met_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.report.html.by_verb import VerbFigures
    from wedload.results.model import Result

#: verdict -> its sign and the word
VERDICTS: Final = {"pass": ("✓", "Pass"), "fail": ("✗", "Fail"), "invalid": ("!", "Invalid")}


def header(result: Result) -> Html:
    """All of it."""
    run = result.run
    started = run.started_at
    return element(
        "header",
        element(
            "h1", element("span", run.plan), element("span", " → ", class_="arrow"),
            element("span", run.target),
        ),
        element(
            "p",
            element(
                "time", f"{started:%Y-%m-%d %H:%M:%S} {started:%Z}".rstrip(),
                datetime=started.isoformat(),
            ),
            f" · {wording.lasting(run.duration_s)} of load · run ",
            element("code", run.id),
            class_="when",
        ),
        incomplete(result),
        verdict(
            result.verdict,
            VERDICTS[result.verdict][1],
            met_of(row.status for row in result.benchmarks),
            result.reasons,
        ),
        _numbers(result),
    )  # fmt: skip


def verdict(outcome: str, word: str, after: str, reasons: Sequence[str]) -> Html:
    """The verdict, and a sentence for each of its reasons; `outcome` is one of `VERDICTS`."""
    sign = VERDICTS[outcome][0]
    return element(
        "section",
        element(
            "h2",
            element("span", sign, class_="sign", aria_hidden="true"),
            element("span", "Verdict: ", class_="quiet"),
            element("strong", word),
            element("span", f" {after}", class_="after"),
        ),
        element("ul", *(element("li", one) for one in reasons)) if reasons else None,
        class_=f"verdict {outcome}",
        id="verdict",
        aria_label="Verdict",
    )


def incomplete(result: Result) -> Html | None:
    """A banner over figures that do not cover the run that was planned."""
    run = result.run
    covers = f"{wording.lasting(run.duration_s)} of {wording.lasting(run.planned_s)} planned"
    if not run.complete:
        words = (
            f"only what was recorded of the run is known. These figures cover {covers}, and "
            "whether clean-up happened is not among them."
        )
    elif run.interrupted:
        words = f"the run was interrupted. These figures cover {covers}."
    else:
        return None
    return element(
        "p", element("strong", "Incomplete: "), words, class_="banner", role="note", id="incomplete"
    )


def _numbers(result: Result) -> Html:
    """A row of tiles, of several verbs one for each."""
    rows = [(one.noun, _of_verb(one)) for one in by_verb(result.metrics)]
    rows[0][1].append(("virtual users", format_count(max(result.series.vus, default=0))))
    several = len(rows) > 1
    return join(
        element(
            "dl",
            *(element("div", element("dt", name), element("dd", shown)) for name, shown in tiles),
            class_="numbers several" if several else "numbers",
            aria_label=what if several else None,
        )
        for what, tiles in rows
    )


def _of_verb(one: VerbFigures) -> list[tuple[str, str]]:
    return [
        (one.noun, format_count(one.count)),
        ("throughput", format_per_s(one.rate)),
        ("failed", format_ratio(None if one.failed is None else one.failed.rate)),
        ("p50", format_ms(one.duration.med)),
        ("p95", format_ms(one.duration.p95)),
        ("p99", format_ms(one.duration.p99)),
        ("max", format_ms(one.duration.max)),
    ]

"""An analysis in a terminal, and the line of it below the verdict of a run."""

from __future__ import annotations

import io

import pytest

from tests.helpers import weak_results as weak
from wedload.analysis.analyse import analyse
from wedload.report.analysis import print_analysis, print_gist
from wedload.report.console import SafeConsole
from wedload.results.analysis_model import Analysis


def printed(make=weak.index_dropped, width=80, **changes):
    result = make(**changes)
    out = io.StringIO()
    print_analysis(result, analyse(result), SafeConsole(file=out, width=width))
    return out.getvalue()


def test_the_gist_comes_first_then_figures_then_what_could_not_be_said():
    lines = [line.strip() for line in printed().splitlines()]
    assert lines[0] == "weak → sandbox   verdict of the run: FAIL"
    assert lines[2].startswith("bottleneck: “search suppliers” waits")
    order = [
        next(place for place, line in enumerate(lines) if line.startswith(begin))
        for begin in (
            "bottleneck", "• scalability", "level of load", "peak", "whose time, by spans of",
            "postgresql: SELECT suppliers", "· Little's law",
        )
    ]  # fmt: skip
    assert order == sorted(order)


@pytest.mark.parametrize("width", [80, 200])
def test_no_line_is_longer_than_80_columns(width):
    for make in (weak.index_dropped, weak.cpu_bound, weak.lock_held, weak.small_pool, weak.sound):
        text = printed(make, width=width)
        assert max(map(len, text.splitlines())) <= 80
        assert len(text.splitlines()) < 45


def test_a_run_without_traces_shows_levels_and_what_to_switch_on():
    text = printed(weak.small_pool, traces=None, resources=[])
    assert "peak" in text
    assert "whose time, by" not in text
    assert 'share = "5%"' in " ".join(text.split())


def test_below_a_verdict_it_is_one_line_in_a_log():
    out = io.StringIO()
    print_gist(Analysis(verdict="bottleneck: " + "long " * 40), SafeConsole(file=out, width=80))
    assert len(out.getvalue().splitlines()) == 1

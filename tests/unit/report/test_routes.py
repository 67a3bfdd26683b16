"""Routes in a terminal of 80 columns."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from tests.helpers.routed import routed
from wedload.report.routes import route_table


def printed(width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    console.print(route_table(routed().routes))
    return console.file.getvalue().splitlines()


def test_each_way_and_what_the_longer_adds_stand_side_by_side():
    head, gate, look, find = (line.split() for line in printed(80))
    assert head == ["route", "pairs", "direct", "via", "added", "95", "%", "p95"]
    assert gate[:8] == ["gate", "4,000", "0.468", "ms", "0.778", "ms", "+0.310", "ms"]
    assert " ".join(gate[8:]) == "+0.294 … +0.327 ms +0.572 ms"
    assert look[0] == "look"
    assert (find[0], find[8]) == ("find", "–")


@pytest.mark.parametrize("width", [60, 80, 200])
def test_no_line_is_longer_than_the_terminal_or_80_columns(width):
    assert max(map(len, printed(width))) <= min(width, 80)

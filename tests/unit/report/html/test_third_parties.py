"""Third parties and proxies of a report."""

from __future__ import annotations

import pytest

from tests.helpers.broken_result import PROXY, fault, with_faults
from tests.helpers.sample_result import sample_result
from tests.unit.report.html.test_faults import rows
from wedload.report.html.third_parties import third_parties
from wedload.units import format_count


@pytest.fixture(scope="module")
def broken():
    return with_faults(sample_result(scale=0.1), [fault(begin_s=10.0, end_s=20.0)])


def test_each_has_a_row_of_what_was_asked_and_answered(broken):
    head, calendar, mail, *_ = rows(third_parties(broken))
    first, second = broken.dependencies

    assert head[:3] == ["third party", "requests", "failed"]
    assert calendar[:2] == ["calendar|google-calendar", format_count(first.requests)]
    assert calendar[2].startswith("✗ ")
    assert calendar[6:] == [
        format_count(first.operations), f"×{first.amplification:.2f}", "3", "7", "2",
    ]  # fmt: skip
    assert mail[:3] == ["mail|email", format_count(second.requests), "0 %"]


def test_attempts_of_operations_and_outcomes_are_told_of_each(broken):
    text = str(third_parties(broken))
    down = broken.dependencies[0].outcomes["down"]

    assert f"{format_count(down)} × down" in text
    assert "1 on average, 1 p95, 1 p99, 3 most" in text
    assert "p50 200 ms, p95 200 ms, at most 200 ms" in text
    assert "broken: 9 × gap" in text
    assert "http://127.0.0.1:4300" in text
    assert rows(text)[3:6] == [
        ["endpoint", "outcome", "status", "times"],
        ["events.insert", "ok", "200", "9"],
        ["events.insert", "down", "–", "7"],
    ]


def test_a_proxy_has_what_passed_it(broken):
    assert rows(third_parties(broken))[-1] == [
        "db", "127.0.0.1:4100", "127.0.0.1:5432", "12", "1.2 MB", "40 MB", "3", "0", "2",
    ]  # fmt: skip


def test_what_was_lost_with_the_process_is_dashes_and_a_sentence():
    lost = {"name": "db", "upstream": PROXY["upstream"]}
    result = with_faults(sample_result(scale=0.1), proxies=[lost], reports=False)

    html = third_parties(result)

    assert rows(html)[-1] == ["db", "–", "127.0.0.1:5432", "–", "–", "–", "–", "–", "–"]
    assert str(html).count("was lost with its process") == 2


def test_proxies_alone_are_a_part_too():
    html = third_parties(with_faults(sample_result(scale=0.1), kinds={}))

    assert rows(html)[0][0] == "proxy"

"""Third parties and faults in the summary for a pull request."""

from __future__ import annotations

from tests.helpers.broken_result import fault, lasting, unsure, with_faults
from tests.helpers.sample_result import sample_result
from wedload.report.markdown import markdown
from wedload.report.markdown_faults import faults, third_parties


def test_each_fault_has_a_row_from_before_to_after():
    result = with_faults(sample_result(scale=0.1), [fault(), lasting(), unsure()])

    assert faults(result.faults).splitlines() == [
        "| Fault | When | Goodput | Recovered after | Workflow p95 | Amplification |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        (
            "| calendar outage | 01:00–01:37 | 42.1/s → 97.3 % → 99.8 % | 4.20 s "
            "| 1.20 s → 2.31 s → 1.22 s | ×1 → ×2.31 → ×1.02 |"
        ),
        (
            "| mail slow | 01:50–02:10 | 42.1/s → 47.5 % → 71.3 % | ❌ never "
            "| 1.20 s → 2.31 s → 1.22 s |  |"
        ),
        "| late | 02:30–02:42 | – → – → – | – | – → – → – |  |",
        "",
        (
            "- mail slow: metastable: the platform did not recover by itself, goodput stayed at "
            "71.3 % of what was to be expected"
        ),
        (
            "- late: nobody can say whether the platform recovered: there were 2 s to recover in, "
            "where it takes 5"
        ),
    ]


def test_each_third_party_has_a_row_and_each_proxy_a_line():
    result = with_faults(sample_result(scale=0.1), [fault(begin_s=10.0, end_s=20.0)])
    calendar, mail = result.dependencies

    lines = third_parties(result).splitlines()

    assert lines[0] == (
        "| Third party | Requests | Failed | p50 | p95 | Operations | Amplification |"
    )
    assert lines[2].startswith(f"| calendar | {calendar.requests:,} | ")
    assert lines[3].startswith(f"| mail | {mail.requests:,} | 0 % | ")
    assert f"{calendar.outcomes['down']} × down" in lines[5]
    assert lines[-1] == (
        "- proxy db: 127.0.0.1:4100 → 127.0.0.1:5432, 12 connections, 1.2 MB up, 40 MB down, "
        "3 reset, 2 without their service"
    )


def test_without_them_the_summary_has_no_such_part():
    text = markdown(sample_result(scale=0.1))

    assert "Third party" not in text
    assert "Fault |" not in text


def test_names_of_faults_mean_nothing_in_markdown():
    result = with_faults(sample_result(scale=0.1), [fault("a|b <script>")])

    assert "| a&#124;b &#60;script&#62; |" in markdown(result)

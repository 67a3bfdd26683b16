import re

from wedload.simulators.attempt import Attempt
from wedload.simulators.counts import Counts
from wedload.units import NS_PER_S


def attempt(endpoint="a", outcome="ok", status=200, *, done=True, took_ns=NS_PER_S) -> Attempt:
    return Attempt("cal", endpoint, "", 0, took_ns, outcome, status, done=done)


def counted() -> Counts:
    counts = Counts("cal")
    counts.add(attempt())
    counts.add(attempt(took_ns=NS_PER_S // 2))
    counts.add(attempt(outcome="quota", status=403, done=False, took_ns=0))
    counts.add(attempt("b", "down", 0, done=False, took_ns=0))
    counts.refused["garbage"] += 2
    return counts


def test_attempts_are_counted_by_endpoint_outcome_and_status():
    assert counted().shown() == {
        "dependency": "cal",
        "requests": 4,
        "accepted": 2,
        "over_quota": 1,
        "outcomes": {"down": 1, "ok": 2, "quota": 1},
        "attempts": [
            {"endpoint": "a", "outcome": "ok", "status": 200, "count": 2},
            {"endpoint": "a", "outcome": "quota", "status": 403, "count": 1},
            {"endpoint": "b", "outcome": "down", "status": 0, "count": 1},
        ],
        "refused": {"garbage": 2},
    }


def test_prometheus_reads_the_same():
    lines = counted().exposition().splitlines()
    labels = 'dependency="cal",endpoint="a"'
    assert f'wedload_dependency_requests_total{{{labels},outcome="ok",status="200"}} 2' in lines
    assert f"wedload_dependency_accepted_total{{{labels}}} 2" in lines
    assert f"wedload_dependency_duration_seconds_sum{{{labels}}} 1.500000000" in lines
    assert f"wedload_dependency_duration_seconds_count{{{labels}}} 3" in lines
    assert 'wedload_dependency_refused_total{dependency="cal",reason="garbage"} 2' in lines


def test_every_line_is_one_of_the_text_format():
    counts = counted()
    counts.add(attempt('GET /"odd"\\\n'))
    label = r'[a-z_]+="(?:[^"\\\n]|\\["\\n])*"'
    sample = re.compile(rf"[a-z_]+\{{{label}(?:,{label})*\}} [0-9.]+")
    for line in counts.exposition().removesuffix("\n").split("\n"):
        assert sample.fullmatch(line) or re.match(r"# (HELP|TYPE) wedload_\w+ ", line), line

from pathlib import Path

import pytest

from wedload.errors import PlanError
from wedload.plan import latency_files
from wedload.plan.loader import parse_plan
from wedload.units import NS_PER_MS

PLAN = """
schema = 1
name = "with third parties"
[targets.sandbox]
sandbox = true
[scenarios.s]
executor = "shared-iterations"
iterations = 1
vus = 1
workflow = "w"
[[workflows.w]]
name = "step"
http = "GET /"
[dependencies.calendar]
simulate = "http"
latency = '{latency}'
routes = [{{ http = "GET /slow", latency = 'empirical("latencies.txt")' }}]
"""


def loaded(base: Path, latency: str = 'empirical("latencies.txt")'):
    return parse_plan(PLAN.format(latency=latency), file="plan.toml", base=base)


def wrong(base: Path, latency: str = 'empirical("latencies.txt")') -> str:
    with pytest.raises(PlanError) as error:
        loaded(base, latency)
    return str(error.value)


@pytest.fixture
def base(tmp_path):
    (tmp_path / "latencies.txt").write_text("# ms\n120\n\n80.5\n1.5s\n90 ms\n")
    return tmp_path


def test_each_line_is_a_duration_with_a_unit_or_in_ms(base):
    calendar = loaded(base).plan.dependencies["calendar"]
    expected = tuple(round(ms * NS_PER_MS) for ms in (80.5, 90, 120, 1500))
    assert calendar.latency.values_ns == expected
    assert calendar.routes[0].latency.values_ns == expected


@pytest.mark.parametrize(
    ("content", "latency"),
    [
        ("name,ms\na,3\nb,1\n", 'empirical("a.csv", column="ms")'),
        ("ms\n3\n1\n", 'empirical("a.csv")'),
        ("3\n1\n", 'empirical("a.csv")'),
        ("3ms\n1ms\n", 'empirical("a.csv")'),
        ('"the ms","a, b"\n3,x\n1,y\n', 'empirical("a.csv", column="the ms")'),
    ],
)
def test_a_column_of_a_csv_file_is_read_with_or_without_a_header(base, content, latency):
    (base / "a.csv").write_text(content)
    latency = loaded(base, latency).plan.dependencies["calendar"].latency
    assert latency.values_ns == (NS_PER_MS, 3 * NS_PER_MS)


@pytest.mark.parametrize(
    ("content", "latency", "said"),
    [
        ("name,ms\na,3\n", 'empirical("a.csv")', "with one of: name, ms"),
        ("name,ms\na,3\n", 'empirical("a.csv", column="mss")', "did you mean ms?"),
        ("name,ms\na,3\n", 'empirical("a.csv", column="other")', "there are: name, ms"),
        ("name,ms\na,3\nb,fast\n", 'empirical("a.csv", column="ms")', "a.csv:3: 'fast' is not"),
        ("name,ms\na\n", 'empirical("a.csv", column="ms")', "a.csv:2: '' is not"),
        ('name,ms\n"a,3\n', 'empirical("a.csv", column="ms")', "is not CSV"),
    ],
)
def test_what_is_wrong_with_a_csv_file_is_said_with_its_line(base, content, latency, said):
    (base / "a.csv").write_text(content)
    assert said in wrong(base, latency)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("12\n-3\n", "latencies.txt:2: '-3' is not a duration"),
        ("nan\n", "latencies.txt:1"),
        ("2h\n", "longer than an hour"),
        ("# nothing\n", "there is no duration in"),
        ("", "there is no duration in"),
    ],
)
def test_what_is_wrong_with_a_list_is_said_with_its_line(base, content, said):
    (base / "latencies.txt").write_text(content)
    assert said in wrong(base)


def test_a_file_that_is_missing_is_said_where_the_plan_names_it(base):
    said = wrong(base, 'empirical("none.txt")')
    where = "plan.toml:16: dependencies.calendar.latency"
    assert f'{where}: "none.txt" cannot be read: No such file' in said
    assert "beside the plan" in said


def test_a_file_that_is_no_text_is_refused(base):
    (base / "latencies.txt").write_bytes(b"\xff\xfe1\n")
    assert "is not UTF-8 text" in wrong(base)


def test_of_many_mistakes_the_first_are_said(base):
    (base / "latencies.txt").write_text("slow\n" * 100)
    assert wrong(base).count("is not a duration") == 5


def test_more_durations_than_travel_well_are_refused(base, monkeypatch):
    monkeypatch.setattr(latency_files, "MOST_VALUES", 3)
    assert "4 durations, and 3 are the most" in wrong(base)


def test_another_file_is_another_load(base):
    before = loaded(base)
    assert loaded(base).load_digest == before.load_digest
    (base / "latencies.txt").write_text("1\n")
    after = loaded(base)
    assert after.load_digest != before.load_digest
    assert after.digest != before.digest

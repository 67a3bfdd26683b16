"""result.json: its structure, its units, and that its parts add up."""

from __future__ import annotations

import base64
import json
import math
import re
import subprocess
from collections import Counter
from datetime import datetime

import jsonschema
import pytest
from hdrh.histogram import HdrHistogram

from tests.helpers.places import PLANS, WEDLOAD
from wedload.results.model import Result
from wedload.results.schema import result_schema


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """Of the smoke plan, half as long, with some tags."""
    folder = tmp_path_factory.mktemp("result")
    done = subprocess.run(
        [
            str(WEDLOAD), "run", str(PLANS / "smoke.toml"),
            "--time-scale", "0.5", "--tag", "build=7", "-o", str(folder / "r.json"),
        ],
        cwd=folder, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    # a file is written whatever the verdict; on a starved machine that is rightly "invalid"
    assert done.returncode in {0, 3}, done.stderr.decode()
    return json.loads((folder / "r.json").read_bytes())


def test_result_has_the_parts_that_are_promised(result):
    assert result["schema"] == "wedload.result/1"
    assert set(result) >= {
        "run", "verdict", "reasons", "benchmarks", "validity", "metrics", "steps", "checks",
        "stages", "cleanup", "series", "histograms", "failures",
    }  # fmt: skip
    assert set(result["run"]) >= {
        "id", "plan", "plan_hash", "target", "started_at", "duration_s", "time_scale", "seed",
        "version", "workers", "host",
    }  # fmt: skip
    assert set(result["validity"]) == {"valid", "findings", "generator"}
    assert re.fullmatch(r"[0-9a-f]{64}", result["run"]["plan_hash"])
    assert datetime.fromisoformat(result["run"]["started_at"]).utcoffset() is not None
    assert result["run"]["tags"] == {"build": "7"}
    assert result["run"]["duration_s"] == pytest.approx(3.5, abs=1.5)


def test_benchmark_rows_say_what_was_asked_and_seen(result):
    rows = result["benchmarks"]

    assert [row["name"] for row in rows] == [
        "Complete workflow", "Form submission", "Failed requests", "Checks",
    ]  # fmt: skip
    for row in rows:
        assert set(row) >= {
            "name", "metric", "where", "aggregation", "require", "observed", "unit", "samples",
            "margin", "status",
        }  # fmt: skip
        assert row["status"] == "met"
        assert row["unit"] in {"ms", "ratio"}
        assert row["samples"] > 0
    assert rows[0]["where"] == {"stage": "hold"}
    assert rows[2]["bound_95"] > 0 == rows[2]["observed"]  # no failure in n proves no zero
    (step,) = [step for step in result["steps"] if step["step"] == "submit form"]
    duration = step["metrics"]["http_req_duration"]
    assert rows[1]["samples"] == duration["count"]
    assert rows[1]["observed"] == pytest.approx(duration["p95"], abs=1e-3)


def metrics_blocks(result):
    """Figures, and the seconds that their rates per second are over."""
    load_s = result["run"]["duration_s"]
    yield result["metrics"], load_s
    ends = [min(stage["end_s"], load_s) for stage in result["stages"]]
    for step in result["steps"]:  # of one scenario, or of set-up, which has no schedule
        yield step["metrics"], max(ends) if step["scenario"] == "smoke" else load_s
    for stage, end_s in zip(result["stages"], ends, strict=True):
        yield stage["metrics"], end_s - stage["begin_s"]


def test_every_figure_has_its_unit_and_quantiles_are_in_order(result):
    seen = set()
    for metrics, seconds in metrics_blocks(result):
        for name, figure in metrics.items():
            seen.add(figure["unit"])
            match figure["unit"]:
                case "ms":
                    names = ("min", "med", "p90", "p95", "p99", "p99_9", "max")
                    ordered = [figure[key] for key in names if figure[key] is not None]
                    assert ordered == sorted(ordered), name
                    # 20 of 299 would be the second largest of some lucky ones: not said
                    assert (figure["p99"] is None) == (figure["count"] < 299), name
                    assert (figure["p99_9"] is None) == (figure["count"] < 2_995), name
                    assert figure["min"] <= figure["avg"] <= figure["max"]
                    assert figure["count"] > 0
                case "ratio":
                    assert figure["rate"] == pytest.approx(
                        figure["yes"] / figure["count"], abs=1e-6
                    )
                case "count" | "bytes":
                    rate = pytest.approx(figure["count"] / seconds, rel=0.01)
                    assert figure["rate"] == rate, name
                case other:
                    pytest.fail(f"{name}: unit {other}")
    assert seen == {"ms", "ratio", "count", "bytes"}


def test_steps_and_stages_add_up_to_the_whole(result):
    total = result["metrics"]["http_reqs"]["count"]
    loaded = [step for step in result["steps"] if step["scenario"] == "smoke"]

    assert sum(step["metrics"]["http_reqs"]["count"] for step in loaded) == total
    assert all(
        sum(step["outcomes"].values()) == step["metrics"]["http_reqs"]["count"]
        for step in result["steps"]
    )
    # a request may still begin after the last stage, in an iteration that is being finished
    in_stages = sum(stage["metrics"]["http_reqs"]["count"] for stage in result["stages"])
    assert total * 0.9 <= in_stages <= total
    checks = result["metrics"]["checks"]
    assert sum(one["passed"] for one in result["checks"]) == checks["yes"]
    assert sum(one["failed"] for one in result["checks"]) == checks["count"] - checks["yes"]


def test_series_per_second_sum_up_to_the_totals(result):
    series = result["series"]
    seconds = series["second"]

    assert seconds == list(range(len(seconds)))
    assert 3 <= len(seconds) <= 6
    assert len(series["vus"]) == len(seconds)
    iterations = [one["count"] for one in series["counters"] if one["metric"] == "iterations"]
    assert sum(map(sum, iterations)) == result["metrics"]["iterations"]["count"]
    for one in (*series["counters"], *series["rates"], *series["trends"]):
        lists = [value for value in one.values() if isinstance(value, list)]
        assert {len(value) for value in lists} == {len(seconds)}
    assert max(series["vus"]) == 20
    assert series["vus"][-1] == 0
    totals = {
        (step["scenario"], step["step"]): step["metrics"]["http_reqs"]["count"]
        for step in result["steps"]
        if step["scenario"] != "cleanup"
    }
    found: Counter[tuple[str, str]] = Counter()
    for rate in series["rates"]:
        if rate["metric"] == "http_req_failed":
            found[rate["scenario"], rate["step"]] += sum(rate["total"])
    assert found == totals
    for trend in series["trends"]:
        for p50, p95, text in zip(trend["p50"], trend["p95"], trend["histograms"], strict=True):
            assert (text is None) == (p50 is None) == (p95 is None)
            assert p50 is None or 0 < p50 <= p95


def test_histograms_of_seconds_are_those_of_the_whole_run_to_two_digits(result):
    for step in result["steps"]:
        if step["scenario"] == "cleanup":
            continue
        figures = step["metrics"]["http_req_duration"]
        merged = HdrHistogram(1, 3_600_000_000_000, 2)
        for trend in result["series"]["trends"]:
            if (trend["scenario"], trend["step"]) == (step["scenario"], step["step"]):
                for text in filter(None, trend["histograms"]):
                    merged.add(HdrHistogram.decode(text))
        assert merged.get_total_count() == figures["count"]
        assert merged.get_mean_value() / 1e6 == pytest.approx(figures["avg"], rel=0.01)


def test_benchmark_rows_say_whose_seconds_they_are_about(result):
    series = result["series"]
    workflow, submit, failed, checks = (row["series"] for row in result["benchmarks"])

    assert [series["trends"][at]["metric"] for at in workflow] == ["workflow_duration"]
    assert [series["trends"][at]["step"] for at in submit] == ["submit form"]
    assert {series["rates"][at]["metric"] for at in failed} == {"http_req_failed"}
    assert (
        sum(sum(series["rates"][at]["total"]) for at in failed)
        == (result["metrics"]["http_req_failed"]["count"])
    )
    assert sum(sum(series["rates"][at]["yes"]) for at in checks) == result["benchmarks"][3][
        "samples"
    ] - sum(one["failed"] for one in result["checks"])


def test_result_is_what_its_schema_says_and_holds_nothing_else(result):
    jsonschema.validate(
        result, result_schema(), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    again = Result.model_validate(result).model_dump(mode="json", by_alias=True)
    again["run"]["started_at"] = result["run"]["started_at"]
    assert again == result


def test_histograms_are_read_by_hdrhistograms_own_decoder(result):
    durations: Counter[str] = Counter()
    for one in result["histograms"]:
        assert one["unit"] == "ns"
        assert base64.b64decode(one["encoded"], validate=True)
        decoded = HdrHistogram.decode(one["encoded"])
        assert decoded.get_total_count() == one["count"] > 0
        if one["metric"] == "http_req_duration":
            durations[one["step"]] += one["count"]
    expected: Counter[str] = Counter()
    for step in result["steps"]:
        expected[step["step"]] += step["metrics"]["http_req_duration"]["count"]
    assert durations == expected


def test_merged_histograms_have_the_quantiles_that_are_reported(result):
    merged = HdrHistogram(1, 3_600_000_000_000, 3)
    for one in result["histograms"]:
        if one["metric"] == "workflow_duration":
            merged.add(HdrHistogram.decode(one["encoded"]))

    reported = result["metrics"]["workflow_duration"]
    count = reported["count"]
    assert merged.get_total_count() == count
    for name, q in (("med", 0.5), ("p90", 0.9), ("p95", 0.95)):
        rank = math.ceil(q * count)  # its Python version rounds ranks to the nearest instead
        theirs = merged.get_value_at_percentile(rank / count * 100) / 1e6
        assert reported[name] == pytest.approx(theirs, rel=0.002), name
    assert merged.get_mean_value() / 1e6 == pytest.approx(reported["avg"], rel=0.01)


def test_generator_figures_are_plausible(result):
    generator = result["validity"]["generator"]

    assert 3 <= generator["seconds"] <= 6
    assert 0 < generator["cpu_avg_ratio"] <= generator["cpu_max_ratio"] < 2
    assert 10e6 < generator["memory_max_bytes"] < 1e9
    assert generator["loop_lag"]["unit"] == "ms"
    assert generator["loop_lag"]["count"] > 50

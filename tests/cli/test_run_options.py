"""What the options of a run change: its seed, its stages, its length, its plan."""

from __future__ import annotations

import json

import pytest


def test_once_runs_every_workflow_once(wedload, server, small_text):
    text = (
        small_text.replace("{url}", server.url)
        .replace('workflow = "visit"', "mix = { visit = 1, other = 99 }")
        .replace(
            "[benchmarks]", '[[workflows.other]]\nname = "o"\nhttp = "GET /other"\n[benchmarks]'
        )
    )

    done = wedload("run", wedload.plan(text), "--once")

    assert done.code == 0, done.err
    assert sorted(path for _, path, _ in server.requests) == ["/look", "/other"]
    assert done.result["metrics"]["iterations"]["count"] == 2


def test_set_and_tag_are_in_the_result(wedload, small):
    plain = wedload("check", small)

    done = wedload(
        "run", small, "--set", "name=renamed", "--set", "http.timeout=3s",
        "--tag", "build=1234", "--tag", "branch=a=b",
    )  # fmt: skip

    assert done.code == 0, done.err
    run = done.result["run"]
    assert run["plan"] == "renamed"
    assert run["tags"] == {"build": "1234", "branch": "a=b"}
    assert run["plan_hash"][:12] not in plain.out  # overrides make it another plan


def test_once_passes_without_the_rows_that_need_a_load(wedload, server, small_text):
    rows = '"Quick" = "http_req_duration: p95 < 5s"\n"Many" = "http_reqs: rate > 1000/s"\n'
    plan = wedload.plan(small_text.replace("{url}", server.url) + rows)

    done = wedload("run", plan, "--once")

    assert done.code == 0, done.err
    assert [row["name"] for row in done.result["benchmarks"]] == ["Nothing fails"]
    assert "not judged, as --once has too few samples for a percentile: Quick" in done.err
    assert "not judged, as --once has no throughput: Many" in done.err


def test_same_seed_sends_the_same_data_and_another_seed_other_data(wedload, server, small_text):
    text = small_text.replace("{url}", server.url).replace(
        'http = "GET /look"',
        'http = "POST /look"\nlet = { f = "${synthetic.intake_fields()}" }\n'
        'json = { vu = "${vu}", n = "${iteration}", mail = "${synthetic.email()}", f = "${f}", '
        'r = "${random()}", u = "${uuid()}", w = "${synthetic.responses(f)}" }',
    )
    plan = wedload.plan(text)

    def bodies(seed: int) -> dict[tuple[int, int], object]:
        server.requests.clear()
        done = wedload("run", plan, "--seed", seed)
        assert done.code == 0, done.err
        assert done.result["run"]["seed"] == seed
        sent = [json.loads(body) for _, _, body in server.requests]
        assert len(sent) == done.result["metrics"]["http_reqs"]["count"]
        return {(one["vu"], one["n"]): one for one in sent}

    first, again, other = bodies(7), bodies(7), bodies(8)

    common = first.keys() & again.keys()
    assert len(common) >= 4
    assert len({one["mail"] for one in first.values()}) > 2  # users and iterations differ
    assert {key: first[key] for key in common} == {key: again[key] for key in common}
    assert all(first[key] != other[key] for key in common & other.keys())


def test_run_without_seed_names_the_one_it_chose(wedload, small):
    one, other = wedload("run", small, "--once"), wedload("run", small, "--once")

    assert one.result["run"]["seed"] != other.result["run"]["seed"]


def test_options_replace_the_stages_of_the_plan(wedload, server, small):
    done = wedload("run", small, "--stage", "200ms:3", "--stage", "100ms:3")

    assert done.code == 0, done.err
    assert [stage["target_vus"] for stage in done.result["stages"]] == [3, 3]
    assert done.result["stages"][1]["end_s"] == pytest.approx(0.3)


def test_benchmarks_of_stages_that_are_gone_are_named_as_not_judged(wedload, plans):
    done = wedload("run", plans / "smoke.toml", "--vus", "2", "--duration", "100ms")

    assert "not judged, as its stage is gone: Complete workflow" in done.err
    assert "Complete workflow" not in {row["name"] for row in done.result["benchmarks"]}


def test_time_scale_shortens_stages_and_is_in_the_result(wedload, small):
    done = wedload("run", small, "--time-scale", "0.5")

    assert done.result["run"]["time_scale"] == 0.5
    assert done.result["stages"][0]["end_s"] == pytest.approx(0.2)

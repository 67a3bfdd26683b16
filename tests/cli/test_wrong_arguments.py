"""Arguments that make no sense: said before any load is sent."""

from __future__ import annotations

import pytest

ARGUMENTS = [
    ("unknown_option", ["--fasst"], "No such option: --fasst"),
    (
        "time_scale_of_zero",
        ["--time-scale", "0"],
        "--time-scale 0: must be above 0, and 1000 at most",
    ),
    ("time_scale_below_zero", ["--time-scale=-1"], "--time-scale -1: must be above 0"),
    ("time_scale_that_is_no_number", ["--time-scale", "nan"], "--time-scale nan"),
    ("time_scale_of_words", ["--time-scale", "fast"], "fast is not a number"),
    ("stage_nonsense", ["--stage", "nonsense"], "--stage nonsense: not a duration and a number"),
    ("stage_without_unit", ["--stage", "30:5"], "write --stage 30s:100"),
    ("stage_below_zero", ["--stage", "1s:-5"], "--stage 1s:-5"),
    ("stage_and_vus", ["--stage", "1s:5", "--vus", "3"], "--stage does not go with --vus"),
    ("workers_of_zero", ["--workers", "0"], "--workers 0 is neither a number from 1 to 256"),
    ("workers_of_words", ["--workers", "all"], "--workers all is neither"),
    ("workers_that_are_too_many", ["--workers", "257"], "--workers 257 is neither"),
    ("workers_below_zero", ["--workers=-1"], "--workers -1 is neither"),
    ("vus_of_zero", ["--vus", "0"], "--vus"),
    (
        "duration_without_unit",
        ["--vus", "2", "--duration", "30"],
        "--duration: '30' is not a duration",
    ),
    ("seed_of_words", ["--seed", "abc"], "--seed"),
    ("seed_of_more_than_64_bits", ["--seed", str(2**64)], "is above 9223372036854775807"),
    ("tag_without_value", ["--tag", "build"], "--tag build is not KEY=VALUE"),
    ("tag_without_key", ["--tag", "=1"], "--tag =1 is not KEY=VALUE"),
    ("set_without_value", ["--set", "http.timeout"], "--set key=value"),
    ("set_of_unknown_key", ["--set", "http.timeuot=1s"], "did you mean timeout?"),
    ("set_of_wrong_type", ["--set", "scenarios.main.vus=many"], "expected a whole number"),
    ("set_outside_of_a_list", ["--set", "workflows.visit[7].http=GET /"], "workflows.visit[0]"),
    ("unknown_target", ["--target", "locla"], "did you mean local?"),
    ("output_into_a_missing_folder", ["-o", "missing/r.json"], "mkdir -p"),
    ("output_that_is_a_folder", ["-o", "."], "is a folder"),
    ("knee_options_without_a_search", ["--knee-time", "5m"], "write --find-knee with them"),
    ("knee_that_begins_at_its_top", ["--find-knee", "--knee-to", "10/s"], "is not below --knee-to"),
    (
        "knee_with_too_little_time",
        ["--find-knee", "--knee-time", "1m"],
        "too short for 5 probes",
    ),
    ("knee_and_once", ["--find-knee", "--once"], "--find-knee does not go with --once"),
    ("knee_and_vus", ["--find-knee", "--vus", "3"], "does not go with --vus, --duration and"),
    ("knee_and_time_scale", ["--find-knee", "--time-scale", "2"], "go with --time-scale"),
    (
        "knee_without_a_row_to_break",
        ["--find-knee", "--set", 'benchmarks."Nothing fails"=http_reqs: rate > 1/s'],
        "no benchmark row that a rate could break",
    ),
    ("a_second_plan", ["other.toml"], "other.toml"),
]


@pytest.mark.parametrize(
    ("arguments", "said"), [case[1:] for case in ARGUMENTS], ids=[case[0] for case in ARGUMENTS]
)
def test_wrong_argument_exits_with_2_before_any_request(wedload, server, small, arguments, said):
    done = wedload("run", small, *arguments)

    assert done.code == 2, done.err
    assert done.out == ""
    assert said in done.err, done.err
    assert "Traceback" not in done.err
    assert server.requests == []
    assert wedload.files() == []


def test_vus_with_several_scenarios_exits_with_2(wedload, server, small):
    text = small.read_text().replace(
        "[[workflows.visit]]",
        '[scenarios.more]\nexecutor = "constant-vus"\nvus = 1\nduration = "1s"\n'
        'workflow = "visit"\n[[workflows.visit]]',
    )

    done = wedload("run", wedload.plan(text), "--vus", "2")

    assert done.code == 2, done.err
    assert "--vus" in done.err
    assert "scenarios" in done.err
    assert server.requests == []


def test_choice_between_targets_must_be_made(wedload, server, small):
    text = small.read_text().replace("[scenarios", "[targets.b]\nsandbox = true\n[scenarios", 1)

    done = wedload("run", wedload.plan(text))

    assert done.code == 2, done.err
    assert "the plan has 2 targets and no default: local, b" in done.err
    assert "--target local" in done.err

"""What a user gets wrong in a plan, as a real file: said before any load is sent."""
# ruff: noqa: E501 - a case of a table is one line

from __future__ import annotations

import re

import pytest

from tests.helpers.plans import SMALLEST

VALID = SMALLEST.replace('"1m"', '"1s"')
LOOK = 'name = "look"'

# (what is wrong, text to replace or "" to append, new text, line that is named, what is said)
PLANS = [
    ("syntax_error", 'name = "small"', "name = ", 2, "not valid TOML"),
    ("key_twice", 'name = "small"', 'name = "a"\nname = "b"', 3, "not valid TOML"),
    ("string_not_closed", '"small"', '"small', 2, "not valid TOML"),
    ("unknown_schema", "schema = 1", "schema = 9", 1, "schema"),
    ("name_is_a_number", '"small"', "5", 2, "expected text in quotes"),
    ("vus_is_text", "vus = 1", 'vus = "1"', 7, "expected a whole number"),
    ("vus_is_true", "vus = 1", "vus = true", 7, "expected a whole number, found true"),
    ("vus_below_one", "vus = 1", "vus = -1", 7, "1 or more"),
    ("scenario_is_text", "[scenarios.main]", '[scenarios]\nx = "y"\n[scenarios.main]', 6, "expected a table"),
    ("unknown_table", "", "[benchmark]\na = 'b'", 13, "did you mean benchmarks?"),
    ("unknown_scenario_key", "vus = 1", "vus = 1\npaec = '1s'", 8, "did you mean pace?"),
    ("unknown_step_key", LOOK, 'name = "look"\nchek = ["status == 200"]', 12, "did you mean check?"),
    ("unknown_executor", '"constant-vus"', '"constant-vsu"', 6, "did you mean constant-vus?"),
    ("duration_without_unit", '"1s"', '"60"', 8, "is not a duration"),
    ("duration_as_number", '"1s"', "60", 8, "is not a duration"),
    ("duration_negative", '"1s"', '"-1s"', 8, "is not a duration"),
    ("duration_of_nothing", '"1s"', '"0s"', 8, "longer than 0s"),
    ("unknown_workflow", '"visit"', '"vist"', 9, "did you mean visit?"),
    ("unknown_variable", "GET /", "GET /${form}", 12, "no variable `form`"),
    ("variable_before_its_capture", LOOK, 'name = "look"\njson = "${a}"\ncapture = { a = "json.a" }', 12, "no variable `a`"),
    ("expression_that_is_none", LOOK, 'name = "look"\ncheck = ["status =="]', 12, "is not an expression"),
    ("number_compared_with_duration", LOOK, 'name = "look"\ncheck = ["duration < 5"]', 12, "compares with durations only"),
    ("assignment", LOOK, 'name = "look"\ncheck = ["a = 1"]', 12, "check[0]"),
    ("import", LOOK, "name = \"look\"\ncheck = [\"__import__('os').system('id')\"]", 12, "check[0]"),
    ("dunder_attribute", LOOK, 'name = "look"\ncheck = ["text.__class__ == 1"]', 12, "check[0]"),
    ("comprehension", LOOK, 'name = "look"\ncheck = ["[x for x in json]"]', 12, "check[0]"),
    ("lambda", LOOK, 'name = "look"\ncheck = ["(lambda: 1)()"]', 12, "check[0]"),
    ("power", LOOK, 'name = "look"\ncheck = ["9**9**9 > 1"]', 12, "check[0]"),
    ("method_of_a_text", LOOK, "name = \"look\"\ncheck = [\"'{0.x}'.format(json) == ''\"]", 12, "check[0]"),
    ("f_string", LOOK, "name = \"look\"\ncheck = [\"f'{json}' == ''\"]", 12, "check[0]"),
    ("builtin", LOOK, "name = \"look\"\ncheck = [\"open('/etc/passwd')\"]", 12, "no function open()"),
    ("nested_too_deep", LOOK, f'name = "look"\ncheck = ["{"(" * 300}1{")" * 300}"]', 12, "check[0]"),
    ("expression_too_long", LOOK, f'name = "look"\ncheck = ["{"1+" * 2000}1 > 0"]', 12, "check[0]"),
    ("environment_not_open", "GET /", "GET /${env.HOME}", 12, "may not read the environment variable"),
    ("environment_not_set", "GET /", "GET /${env.WEDLOAD_NOT_SET}", 12, "WEDLOAD_NOT_SET is not set"),
    ("data_file_missing", "", '[data.venues]\nfile = "venues.csv"', 14, '"venues.csv" cannot be read: No such file'),
    ("data_file_unknown_kind", "", '[data.venues]\nfile = "venues.xml"', 14, "venues.xml"),
    ("unknown_feeder", "GET /", "GET /${data.venues.name}", 12, 'no data file "venues"'),
    ("two_steps_of_one_name", "", '[[workflows.visit]]\nname = "look"\nhttp = "GET /b"', 13, 'two steps "look"'),
    ("two_default_targets", "sandbox = true", 'default = true\nsandbox = true\n[targets.b]\ndefault = true\nbase_url = "http://b"', 7, "one default target"),
    ("base_url_of_another_scheme", "sandbox = true", 'base_url = "ftp://a"', 4, "http:// or https://"),
    ("base_url_with_password", "sandbox = true", 'base_url = "http://u:hunter2@a"', 4, "credentials"),
    ("unknown_metric", "", '[benchmarks]\na = "http_req_duraton: p95 < 1s"', 14, "did you mean http_req_duration?"),
    ("percentile_of_a_rate", "", '[benchmarks]\na = "http_req_failed: p95 < 1s"', 14, "is a rate"),
    ("benchmark_of_unknown_step", "", "[benchmarks]\na = \"http_req_duration{step=lok}: p95 < 1s\"", 14, "did you mean look?"),
    ("row_that_never_has_data", "", '[benchmarks]\na = "checks: rate > 99%"', 14, "nothing in this plan"),
    ("executor_without_its_rate", '"constant-vus"', '"constant-arrival-rate"', 5, "constant-arrival-rate needs `rate`"),
    ("poll_to_come", 'http = "GET /"', 'poll = { every = "1s" }', 12, "not driven by this version"),
    ("abort_as_text", "", '[benchmarks]\na = { require = "http_req_failed: rate < 1%", abort = "yes" }', 14, "expected true or false"),
    ("after_the_end", "", '[benchmarks.a]\nrequire = "http_req_failed: rate < 1%"\nafter = "1m"', 15, "not before the end of the schedule"),
    ("header_with_line_break", LOOK, 'name = "look"\nheaders = { A = "x\\r\\nB: y" }', 12, "line break"),
    ("step_with_two_verbs", 'http = "GET /"', 'http = "GET /"\nthink = "1s"', 10, "2 verbs"),
    ("regex_that_is_none", LOOK, "name = \"look\"\ncheck = ['''regex('(', text) == 1''']", 12, "check[0]"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "line", "said"), [case[1:] for case in PLANS], ids=[case[0] for case in PLANS]
)
def test_malformed_plan_exits_with_2_and_names_file_and_line(wedload, old, new, line, said):
    assert old in VALID
    wedload.plan(VALID.replace(old, new, 1) if old else VALID + new)

    done = wedload("run", "plan.toml", "-o", "r.json")

    assert done.code == 2, done.err
    assert done.out == ""
    assert f"plan.toml:{line}: " in done.err, done.err
    assert said in done.err, done.err
    assert "Traceback" not in done.err
    assert done.err.rstrip().endswith("in the plan")
    assert "hunter2" not in done.err.partition("holds credentials")[2]
    assert wedload.files() == []


def test_every_problem_of_a_plan_is_told_at_once(wedload):
    wedload.plan(
        VALID.replace('"1s"', '"60"').replace("GET /", "GET /${x}")
        + '[benchmarks]\na = "chekcs: rate > 1%"\n'
    )

    done = wedload("run", "plan.toml")

    lines = re.findall(r"^plan\.toml:(\d+): ", done.err, re.MULTILINE)
    assert lines == ["8", "12", "14"]
    assert "error: 3 problems in the plan" in done.err


def test_check_names_the_environment_variables_that_are_not_set(wedload):
    wedload.plan(VALID.replace("GET /", "GET /${env.WEDLOAD_NOT_SET}/${env('WEDLOAD_NOR', '')}"))

    done = wedload("check", "plan.toml")

    assert done.code == 0, done.err
    assert "needs from the environment: WEDLOAD_NOT_SET (not set)" in done.out


def test_missing_environment_variable_is_told_with_its_place_and_needs_no_target(wedload):
    plan = VALID.replace("GET /", "GET /${env.WEDLOAD_WANTED}")
    wedload.plan(plan.replace("sandbox = true", 'base_url = "http://127.0.0.1:1"'))

    done = wedload("run", "plan.toml")

    assert done.code == 2, done.err
    assert re.search(
        r"plan\.toml:12: .*the environment variable WEDLOAD_WANTED is not set", done.err
    )
    assert "export WEDLOAD_WANTED=…" in done.err


def test_variable_of_a_target_that_is_not_used_is_not_asked_for(wedload, small):
    text = small.read_text().replace(
        "[scenarios.main]",
        '[targets.other]\nbase_url = "http://127.0.0.1:1"\n'
        'headers = { K = "${env.WEDLOAD_OTHER_KEY}" }\n[scenarios.main]',
    )

    done = wedload("run", wedload.plan(text), "--target", "local", "--once")

    assert done.code == 0, done.err


def test_check_reports_every_plan_and_exits_with_2_if_one_is_wrong(wedload):
    wedload.plan(VALID)
    wedload.plan(VALID.replace('"1s"', '"60"'), "wrong.toml")

    done = wedload("check", "wrong.toml", "plan.toml", "nowhere.toml")

    assert done.code == 2, done.err
    assert "wrong.toml:8: " in done.err
    assert "nowhere.toml: the plan cannot be read" in done.err
    assert " small" in done.out  # the good one is explained all the same

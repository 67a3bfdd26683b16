"""Loading a plan: what is accepted, what is reported together, and what a loaded plan knows."""
# ruff: noqa: E501 - a case of a table is one line

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.channel_plans import WITH_CHANNELS
from tests.helpers.plans import SMALLEST
from tests.helpers.third_party_plans import WITH_THIRD_PARTIES
from wedload.errors import ExitCode, PlanError, UsageError
from wedload.plan.loader import load_plan, parse_plan
from wedload.plan.secrets.environment import missing_env
from wedload.plan.targets import choose_target
from wedload.plan.verbs import HttpStep, ThinkStep, UseStep
from wedload.units import NS_PER_S

SAMPLE = """\
#:schema ../wedload.schema.json
schema = 1
name = "peak-season"
description = "Supplier and couple through a bridal-show peak"

[targets.sandbox]
default = true
sandbox = true
[targets.staging]
base_url = "https://staging.wedsync.example"
tls = { verify = true, ca = "ca.pem" }
headers = { X-Key = "${env.WEDLOAD_STAGING_KEY}" }

[http]
timeout = "10s"
redirects = 5
client = "wire"

[identities.supplier]
http = "POST /api/auth/supplier"
json = { email = "${synthetic.email()}", key = "${env.WEDLOAD_SUPPLIER_KEY}" }
capture = { token = "json.token" }
headers = { Authorization = "Bearer ${token}" }
[identities.couple]
http = "POST /api/auth/couple"

[data.venues]
file = "venues.csv"
pick = "random"
[variables]
event_date = "2027-06-19"

[scenarios.bridal_show]
executor = "ramping-vus"
start_vus = 0
stages = [
  { name = "ramp",      duration = "1m", target = 100 },
  { name = "normal",    duration = "1m", target = 100 },
  { name = "surge",     duration = "4m", target = 1000 },
  { name = "peak",      duration = "1m", target = 1000 },
  { name = "cool-down", duration = "2m", target = 0 },
]
graceful_ramp_down = "30s"
graceful_stop = "30s"
start_time = "0s"
pace = "10s"
workflow = "supplier_couple"

[[workflows.supplier_couple]]
name = "create intake form"
http = "POST /api/forms/intake"
as = "supplier"
let = { fields = "${synthetic.intake_fields()}" }
json = { title = "Wedding Photography Consultation", fields = "${fields}" }
capture = { form_id = "json.id" }
check = { "form created" = "status == 201", "form creation under 2s" = "duration < 2s" }
cleanup = "DELETE /api/forms/${form_id}"
tags = { critical = "yes" }

[[workflows.supplier_couple]]
think = "lognormal(p50=2s, p99=20s)"

[[workflows.supplier_couple]]
name = "submit form"
http = "POST /api/forms/${form_id}/submit"
as = "couple"
json = { venue = "${data.venues.name}", responses = "${synthetic.responses(fields)}" }
capture = { submission_id = "json.id" }
check = ["json.journey_triggered == true", "duration < 2s"]

[[workflows.supplier_couple]]
use = "look"
when = "exists(submission_id)"
repeat = 2

[[workflows.look]]
name = "supplier sees it"
http = "GET /api/realtime/status/${submission_id}"
expected_status = ["2xx", 404]
group = "notice/first"

[dependencies.calendar]
simulate = "google-calendar"
latency = "lognormal(p50=120ms, p99=900ms)"   # constant(…) uniform(a, b) normal(…) exponential(…)
quota = "600/1m"
errors = { status = 503, ratio = 0.01 }

[[faults]]
name = "calendar outage"
on = "calendar"
at = "3m"
for = "1m"
down = true

[benchmarks]
"Fallback during the outage" = "http_req_duration{step='submit form', fault='calendar outage'}: p95 < 500ms"
"Complete workflow, normal load" = "workflow_duration{stage=normal}: p95 < 5s"
"Complete workflow, 10x load"    = "workflow_duration{stage=peak}: p95 < 10s"
"Critical API endpoints"         = "http_req_duration{critical=yes}: p95 < 200ms"
"Failed requests"                = "http_req_failed: rate < 1%"
"Form submission"                = "http_req_duration{step='submit form'}: p95 < 2s"
"Nested"                         = "http_req_duration{workflow=supplier_couple, group=notice, stage=peak}: max < 2s"
"One check"                      = "checks{check='form created'}: rate == 100%"
"Checks"                         = "checks: rate > 99%"
"Signing in"                     = "http_req_duration{step='sign in as couple'}: p95 < 1s"
"Iterations"                     = "iterations: count >= 1,000"
"""


@pytest.fixture
def venues(tmp_path):
    (tmp_path / "venues.csv").write_text("name,guests\nOld Barn,80\nMill,120\n")


def test_sample_of_the_format_is_loaded(load, venues):
    plan = load(SAMPLE).plan

    scenario = plan.scenarios["bridal_show"]
    create, think, submit, use = plan.workflows["supplier_couple"]
    assert scenario.pace == 10 * NS_PER_S
    assert [stage.target for stage in scenario.stages] == [100, 100, 1000, 1000, 0]
    assert isinstance(create, HttpStep)
    assert isinstance(think, ThinkStep)
    assert isinstance(use, UseStep)
    assert create.as_ == "supplier"
    assert create.http.method == "POST"
    assert [check.name for check in submit.check] == [
        "json.journey_triggered == true", "duration < 2s",
    ]  # fmt: skip
    assert plan.data["venues"].rows == (
        {"name": "Old Barn", "guests": "80"}, {"name": "Mill", "guests": "120"},
    )  # fmt: skip
    assert 404 in plan.workflows["look"][0].expected_status.codes
    assert plan.benchmarks["Form submission"].where == (("step", "submit form"),)


def test_all_problems_are_reported_at_once_in_the_order_of_their_lines(problems, valid):
    text = (
        valid.replace('"constant-vus"', '"constantvus"').replace('"visit"', '"vist"')
        + '[[workflows.visit]]\nhttp = "GET /b"\ncheck = ["status =="]\nas = "x"\n'
        + '[benchmarks]\n"a" = "http_req_duration{step=loo}: p95 < 1s"\nb = "nope: p95 < 1s"\n'
    )

    found = problems(text)

    assert [int(problem.split(":")[1]) for problem in found] == [6, 9, 15, 16, 18, 19]


def test_what_depends_on_a_damaged_part_is_not_judged(problems, valid):
    text = (
        valid.replace('http = "GET /"', 'http = "GET /"\ncapture = { id = "json." }\nlet = 5')
        + '[[workflows.visit]]\nhttp = "GET /${id}/${anything}"\n'
        + '[[workflows.visit]]\npoll = "GET /"\ncapture = { late = "json.x" }\n'
        + '[[workflows.visit]]\nhttp = "GET /${late}/${id}"\n'
        + '[benchmarks]\na = "http_req_duration{step=look}: p95 < 1s"\n'
    )

    found = problems(text)

    assert [problem.split(": ")[0] for problem in found] == [
        "plan.toml:13", "plan.toml:14", "plan.toml:18",
    ]  # fmt: skip


def test_rows_are_not_judged_by_a_workflow_whose_name_is_wrong(load, venues):
    with pytest.raises(PlanError) as raised:
        load(SAMPLE, overrides=["scenarios.bridal_show.workflow=supplier_cuople"])

    (problem,) = raised.value.problems
    assert 'there is no workflow "supplier_cuople"' in problem.message


ROW = '[benchmarks]\na = "http_req_duration{step=look}: p95 < 1s"\n'


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('workflow = "visit"\n', "", "scenarios.main: needs a workflow"),
        ("[scenarios.main]", '[scenarios.other]\nexecutor = "constant-vus"\nvus = 1\nduration = "1m"\nworkflow = "idle"\n[scenario.main]', "there is no key `scenario` here"),
    ],
)  # fmt: skip
def test_one_mistake_in_a_scenario_makes_no_false_one_in_a_row(problems, valid, old, new, message):
    idle = '[[workflows.idle]]\nname = "rest"\nhttp = "GET /rest"\n'

    (problem,) = problems(valid.replace(old, new) + idle + ROW)

    assert message in problem


def test_row_about_a_step_of_an_idle_workflow_says_so(problems, valid):
    idle = '[[workflows.idle]]\nname = "rest"\nhttp = "GET /rest"\n'

    (problem,) = problems(valid + idle + ROW.replace("look", "rest"))

    assert 'never has step "rest" in this plan | it is in the workflow idle, which no' in problem


def test_variable_of_setup_and_of_a_used_workflow_is_known(load, valid):
    text = (
        valid
        + '[[setup]]\nhttp = "POST /shop"\ncapture = { shop = "json.id" }\n'
        + '[[teardown]]\nhttp = "DELETE /shop/${shop}"\n'
        + '[[workflows.visit]]\nuse = "sign"\n'
        + '[[workflows.visit]]\nhttp = "GET /${shop}/${token}/${vu}"\n'
        + '[[workflows.sign]]\nhttp = "POST /sign"\nwhen = "shop != null"\n'
        + 'let = { a = "1", b = "${a}" }\ncapture = { token = "json.t" }\n'
    )

    assert len(load(text).plan.workflows["visit"]) == 3


def test_used_workflow_is_judged_with_what_its_user_knows(problems, valid):
    text = (
        valid
        + '[[workflows.visit]]\nuse = "inner"\n'
        + '[[workflows.inner]]\nhttp = "GET /${token}"\n'
    )

    (problem,) = problems(text)

    assert "there is no variable `token` here | `visit` uses this workflow" in problem


def test_workflow_that_nobody_uses_may_read_what_its_user_will_set(load, valid):
    load(valid + '[[workflows.library]]\nhttp = "GET /${token}"\n')


@pytest.mark.parametrize(
    ("check", "message"),
    [
        ("stauts == 201", "there is no variable `stauts` here | did you mean status?"),
        ("header['X'] == 'y'", "there is no variable `header` here | did you mean headers?"),
        ("jsn.x == 1", "there is no variable `jsn` here | did you mean json?"),
        ("iteraton > 1", "there is no variable `iteraton` here | did you mean iteration?"),
        ("response.status == 1", "`response` here | what a response has stands alone: body, cookies"),
        ("vars.shop == 1", "`vars` here | a variable stands alone: ${shop}, not ${vars.shop}"),
        ("zzzz == 1", "`zzzz` here | known: body, cookies, duration, headers, json, status, text, waiting; variables: shop"),
    ],
)  # fmt: skip
def test_unknown_name_of_a_check_is_answered_with_the_names_of_a_response_too(
    problems, valid, check, message
):
    (problem,) = problems(valid + f'check = ["{check}"]\n[variables]\nshop = "north"\n')

    assert message in problem


def test_a_duration_is_not_captured_as_a_number(problems, valid):
    (problem,) = problems(valid + 'capture = { took = "duration" }\n')

    assert "capture.took: `duration` is a duration, which only expressions know" in problem


def test_variable_may_read_those_above_it(load, problems, valid):
    load(valid + '[variables]\na = "1"\nb = { c = ["${a}"] }\n')

    (problem,) = problems(valid + '[variables]\nb = "${a}"\na = "1"\n')

    assert "there is no variable `a` here | `a` is set here, but only afterwards" in problem


def test_identity_knows_its_own_captures_in_its_headers_only(problems, valid):
    text = (
        valid
        + '[identities.a]\nhttp = "POST /auth/${token}"\n'
        + 'capture = { token = "json.t" }\nheaders = { A = "${token}" }\n'
    )

    (problem,) = problems(text)

    assert problem.startswith("plan.toml:14: identities.a.http: there is no variable `token` here")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, ":0: the plan cannot be read: No such file or directory"),
        (b"name = '\xff'\n", ":1: this is not UTF-8 text, as TOML must be"),
        (b"a = " + b"[" * 5_000 + b"]" * 5_000, "nested"),
        (b"a = " + b"9" * 5_000, "not valid TOML"),
    ],
)
def test_file_that_cannot_be_read_is_a_plan_error(tmp_path, content, message):
    file = tmp_path / "p.toml"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(PlanError) as raised:
        load_plan(file)

    assert raised.value.exit_code is ExitCode.USAGE
    (problem,) = raised.value.problems
    assert message in f":{problem.line}: {problem.message}"


def test_folder_is_not_a_plan(tmp_path):
    with pytest.raises(PlanError, match="cannot be read"):
        load_plan(tmp_path)


def test_deep_body_is_refused(problems, valid):
    body = "[" * 100 + "]" * 100

    (problem,) = problems(valid + f"json = {body}\n")

    assert "nested more than 60 levels deep" in problem


def test_byte_order_mark_and_windows_lines_are_accepted(load, valid):
    assert load("\ufeff" + valid.replace("\n", "\r\n")).plan.name == "small"


def test_dates_in_bodies_become_text(load, valid):
    plan = load(
        valid + "json = { day = 2027-06-19, at = 2027-06-19T10:00:00Z, t = 07:32:00 }\n"
    ).plan

    assert plan.workflows["visit"][0].json.value == {
        "day": "2027-06-19", "at": "2027-06-19T10:00:00+00:00", "t": "07:32:00",
    }  # fmt: skip


def test_text_can_be_parsed_without_a_file(valid, tmp_path):
    assert parse_plan(valid, file="<text>", base=tmp_path).file == "<text>"


# --- overrides --------------------------------------------------------------------------------


def test_overrides_replace_values_before_the_plan_is_checked(load, valid):
    plan = load(
        valid + "[variables]\nx = 0\n",
        overrides=[
            "scenarios.main.vus=25",
            "http.timeout=5s",
            "workflows.visit[0].name='first look'",
            "workflows.visit.0.tags={ a = 'b' }",
            'variables."x"=[1, 2]',
            "description = two words",
        ],
    ).plan

    assert plan.scenarios["main"].vus == 25
    assert plan.http.timeout == 5 * NS_PER_S
    assert plan.workflows["visit"][0].name == "first look"
    assert plan.workflows["visit"][0].tags == {"a": "b"}
    assert plan.variables["x"].value == [1, 2]
    assert plan.description == "two words"


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("nonsense", "write --set key=value"),
        ("=5", "write --set key=value"),
        ("a b=5", "write --set key=value"),
        ("scenarios.main.vus='x'", 'scenarios.main.vus: expected a whole number, found "x"'),
        ("scenarios.main.vsu=5", "there is no key `vsu` here | did you mean vus?"),
        ("scenarios.main.vus=0", "scenarios.main.vus: is 0"),
        ("scenarios.main={ executor = 'constant-vus' }", "scenarios.main: needs a workflow"),
        ("workflows.visit[3].name=x", "workflows.visit is a list of 1"),
        ("workflows.visit.x.name=x", "workflows.visit is a list of 1"),
        ("name.x=1", "name has no x in it"),
        ("name='open", "'open is not a TOML value"),
        ("name=[1", "[1 is not a TOML value"),
        ("http.timeout=x\ny=1", "is not a duration"),
    ],
)
def test_wrong_override_is_named_in_the_message(problems, valid, override, message):
    found = problems(valid, overrides=[override])

    assert found[0].startswith(f"--set {override}:0: ")
    assert any(message in problem for problem in found)


NAMED = """
[variables]
shop = "north"
[identities.buyer]
headers = { A = "b" }
[benchmarks]
"Errors" = "http_req_failed: rate < 1%"
"""


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("variables.shoop=south", "the plan has no variable shoop | did you mean shop? (--set replaces values"),
        ("variables.city='x'", "the plan has no variable city | variables: shop (--set replaces values"),
        ("scenarios.mian.vus=5", "the plan has no scenario mian | did you mean main?"),
        ("workflows.vist[0].name=x", "the plan has no workflow vist | did you mean visit?"),
        ("targets.sanbox.http='2'", "the plan has no target sanbox | did you mean sandbox?"),
        ("identities.byer.expires=5s", "the plan has no identity byer | did you mean buyer?"),
        ("data.rows.pick=random", "the plan has no data file rows | it has no data (--set"),
        ("benchmarks.Eror=http_req_failed: rate < 5%", "the plan has no benchmark Eror | did you mean Errors?"),
    ],
)  # fmt: skip
def test_override_of_a_name_that_the_plan_does_not_have_is_refused(
    problems, valid, override, message
):
    (problem,) = problems(valid + NAMED, overrides=[override])

    assert problem.startswith(f"--set {override}:0: {message}")


def test_override_may_add_a_benchmark_and_keys_that_a_table_can_have(load, valid):
    plan = load(
        valid + NAMED,
        overrides=["benchmarks.Quick=http_req_duration: p95 < 1s", "http.headers.X-Run='7'"],
    ).plan

    assert list(plan.benchmarks) == ["Errors", "Quick"]
    assert plan.http.headers[0][0] == "X-Run"


def test_problem_of_a_table_that_an_override_has_made_names_the_override(problems, valid):
    (problem,) = problems(valid, overrides=["foo.bar.baz=1"])

    assert problem.startswith("--set foo.bar.baz=1:0: foo: there is no key `foo` here")


# --- what a loaded plan knows -----------------------------------------------------------------


def test_a_third_party_and_what_goes_wrong_with_it_are_known(load, venues):
    plan = load(SAMPLE).plan

    calendar, (outage,) = plan.dependencies["calendar"], plan.faults
    assert (calendar.quota.requests, calendar.quota.per_ns) == (600, 60 * NS_PER_S)
    assert str(calendar.latency) == "lognormal(p50=120ms, p99=900ms)"
    assert [(one.status, one.ratio) for one in calendar.errors] == [(503, 0.01)]
    assert (outage.on, outage.kinds) == (("calendar",), ("down",))
    assert (outage.at, outage.until) == (180 * NS_PER_S, 240 * NS_PER_S)


def test_digest_is_of_what_is_driven(load, venues, tmp_path):
    digest = load(SAMPLE).digest

    assert load("# a comment\n" + SAMPLE).digest == digest
    assert load(SAMPLE, overrides=["http.timeout=10s"]).digest == digest
    assert load(SAMPLE, overrides=["http.timeout=9s"]).digest != digest
    (tmp_path / "venues.csv").write_text("name\nOther\n")
    assert load(SAMPLE).digest != digest
    assert len(digest) == 64


@pytest.mark.parametrize(
    ("override", "same"),
    [
        ("channels.status.url='/elsewhere'", True),
        ("channels.hooks.listen='127.0.0.1:8443'", True),
        ("channels.status.limits={ connections = 5 }", True),
        ("channels.status.subscribers=6", False),
        ("channels.status.within='4s'", False),
        ("workflows.order[2].await.within='3s'", False),
    ],
)
def test_where_a_channel_is_does_not_change_the_load(load, override, same):
    before, after = load(WITH_CHANNELS), load(WITH_CHANNELS, overrides=[override])

    assert after.digest != before.digest
    assert (after.load_digest == before.load_digest) == same


@pytest.mark.parametrize(
    ("override", "same"),
    [
        ("dependencies.calendar.listen='127.0.0.1:8443'", True),
        ("dependencies.calendar.log='other.jsonl'", True),
        ("dependencies.calendar.policy.attempts=5", True),
        ("proxies.db.listen='127.0.0.1:8444'", True),
        ("proxies.db.upstream='127.0.0.1:5433'", True),
        ("proxies.slow-mail.upstream='dependency:pay'", False),
        ("dependencies.calendar.latency='20ms'", False),
        ("dependencies.calendar.quota='9/s'", False),
        ("dependencies.calendar.errors.ratio=0.5", False),
        ("dependencies.mail.operation='json.id'", False),
        ("dependencies.pay.routes[0].status=202", False),
        ("faults[0].at='10s'", False),
        ("faults[2].toxicity=0.1", False),
    ],
)
def test_where_a_third_party_is_does_not_change_the_load(load, override, same):
    before = load(WITH_THIRD_PARTIES)

    after = load(WITH_THIRD_PARTIES, overrides=[override])

    assert after.digest != before.digest
    assert (after.load_digest == before.load_digest) == same


def test_where_a_route_leads_does_not_change_the_load_and_which_steps_take_it_does(load):
    routed = (
        SMALLEST.replace('http = "GET /"', 'http = "GET /"\nroutes = "gate"')
        + '\n[routes.gate]\nvia = "http://127.0.0.1:10000"\n'
    )
    assert routed.count("routes = ") == 1
    before = load(routed)
    after = load(routed, overrides=["routes.gate.via='http://127.0.0.1:10001'"])

    assert after.digest != before.digest
    assert after.load_digest == before.load_digest != load(SMALLEST).load_digest


@pytest.mark.parametrize(
    ("text", "digest", "load_digest"),
    [
        (SMALLEST, "8376fbaec694e947", "6fff369613a1f0da"),
        (WITH_CHANNELS, "d2585ddbbdaf2212", "422026a4f933ae8e"),
    ],
)
def test_the_hashes_of_a_plan_stay_what_they_are(text, digest, load_digest):
    """Results of earlier versions can be compared only as long as they do."""
    loaded = parse_plan(text, file="plan.toml", base=Path())

    assert loaded.digest.startswith(digest)
    assert loaded.load_digest.startswith(load_digest)


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("dependencies.calender.quota='1/s'", "the plan has no dependency calender | did you mean calendar?"),
        ("proxies.bd.upstream='sandbox'", "the plan has no proxy bd | proxies: db, slow-mail"),
        ("faults[3].at='1s'", "faults is a list of 3; write faults[0] to faults[2]"),
        ("faults.at='1s'", "faults is a list of 3; write faults[0] to faults[2]"),
    ],
)  # fmt: skip
def test_an_override_adds_no_third_party_and_no_fault(problems, override, expected):
    (problem,) = problems(WITH_THIRD_PARTIES, overrides=[override])

    assert expected in problem


def test_what_an_override_makes_wrong_is_told_of_it(problems):
    (problem,) = problems(WITH_THIRD_PARTIES, overrides=["faults[0].at='10m'"])

    assert problem.startswith("--set faults[0].at='10m':0: faults[0].at: 10m is not before the end")


def test_an_override_adds_no_channel(problems):
    (problem,) = problems(WITH_CHANNELS, overrides=["channels.hoks.webhook='/h'"])

    assert "the plan has no channel hoks | did you mean hooks?" in problem


def test_missing_environment_variable_is_named_with_its_place(load, venues):
    loaded = load(SAMPLE)

    first, second = missing_env(loaded, {})

    assert (first.line, second.line) == (12, 21)
    assert (
        "targets.staging.headers.X-Key: the environment variable WEDLOAD_STAGING_KEY is not set"
        in first.message
    )
    assert "export WEDLOAD_SUPPLIER_KEY=…" in str(second.hint)
    assert missing_env(loaded, {"WEDLOAD_SUPPLIER_KEY": ""}, target="sandbox") == []


def test_environment_variable_with_a_default_is_never_missing(load, valid):
    loaded = load(valid.replace("GET /", "GET /${env('WEDLOAD_A', 'b')}"))

    assert missing_env(loaded, {}) == []


def test_environment_variable_that_is_listed_may_be_read(load, valid):
    load(valid.replace("GET /", "GET /${env.HOME}") + '[secrets]\nenv = ["HOME"]\n')


def test_target_is_the_one_named_or_the_default_or_the_only_one(load, venues, valid):
    plan = load(SAMPLE).plan

    assert choose_target(plan, None)[0] == "sandbox"
    assert choose_target(plan, "staging")[0] == "staging"
    assert choose_target(load(valid).plan, None)[1].sandbox


def test_open_choice_of_a_target_is_a_usage_error(load, venues):
    plan = load(SAMPLE, overrides=["targets.sandbox.default=false"]).plan

    with pytest.raises(UsageError, match="has 2 targets and no default: sandbox, staging"):
        choose_target(plan, None)
    with pytest.raises(UsageError, match="no target stagin\n  hint: did you mean staging"):
        choose_target(plan, "stagin")


def test_load_process_unpickles_a_plan_without_the_libraries_of_the_reader(load, venues):
    pickled = pickle.dumps(load(SAMPLE).plan)
    script = (
        "import pickle, sys\n"
        "plan = pickle.loads(sys.stdin.buffer.read())\n"
        "assert plan.workflows['look'][0].http.url.expressions\n"
        "loaded = {'pydantic', 'pydantic_core', 'tomli', 'typer', 'rich', 're2', 'jmespath'}\n"
        "print(sorted(loaded & set(sys.modules)))\n"
    )

    result = subprocess.run(
        [sys.executable, "-c", script], input=pickled, capture_output=True, check=True
    )

    assert result.stdout.decode().strip() == "[]"


def test_loaded_plan_survives_pickling(load, venues):
    plan = load(SAMPLE).plan

    assert pickle.loads(pickle.dumps(plan)) == plan


# --- feeders ----------------------------------------------------------------------------------

FEEDER = (
    '[data.venues]\nfile = "{file}"\n[[workflows.visit]]\nhttp = "GET /${{data.venues.name}}"\n'
)


@pytest.fixture
def with_data(valid, tmp_path):
    """Write a data file, and give a plan that reads it."""

    def write(name, content):
        (tmp_path / name).write_bytes(content.encode(errors="surrogateescape"))
        return valid + FEEDER.format(file=name)

    return write


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("v.csv", "name,b\r\nx,1\r\n\r\n"),
        ("v.csv", '\ufeffname\n"a\nb"\n'),
        ("v.json", '[{"name": 1, "b": {"c": 2}}]'),
        ("v.jsonl", '{"name": 1}\n\n{"b": 2}\n'),
    ],
)
def test_data_file_is_read(load, with_data, name, content):
    plan = load(with_data(name, content)).plan

    assert "name" in plan.data["venues"].rows[0]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("v.txt", "", 'plan.toml:14: data.venues.file: "v.txt" is of no known kind | known: .csv, .json, .jsonl'),
        ("v.csv", "", "v.csv:1: the first line must name the columns"),
        ("v.csv", "name\n", "v.csv:0: there is no row of data in it"),
        ("v.csv", "name,name\n1,2\n", 'v.csv:1: the column "name" is named twice'),
        ("v.csv", "name,\n1,2\n", "v.csv:1: column 2 has no name"),
        ("v.csv", "name,b\n1,2\n3\n", "v.csv:3: 1 values, but the header names 2 columns"),
        ("v.csv", 'name\n"a"b\n', "v.csv:2: this is not CSV"),
        ("v.csv", "name\na\n\udcff\n", "v.csv:3: this is not UTF-8 text"),
        ("v.json", "{}", "v.json:1: expected a list of objects, found an object"),
        ("v.json", "[]", "v.json:0: there is no row of data in it"),
        ("v.json", '[{"name": 1},\n {"name": 1},\n 5]', "v.json:3: expected an object, found a number"),
        ("v.json", "[\n{]", "v.json:2: this is not JSON"),
        ("v.jsonl", '{"name": 1}\n[1]\n', "v.jsonl:2: expected an object, found a list"),
        ("v.jsonl", '{"name": 1}\n{"name"}\n', "v.jsonl:2: this is not JSON"),
        ("v.csv", "title\n1\n", 'plan.toml:16: workflows.visit[1].http: the data file "venues" has no column "name" | columns: title'),
        ("v.csv", "names\n1\n", "| did you mean names?"),
    ],
)  # fmt: skip
def test_wrong_data_file_is_reported_with_its_line(problems, with_data, name, content, expected):
    (problem,) = problems(with_data(name, content))

    assert expected in problem


def test_only_the_first_problems_of_a_data_file_are_told(problems, with_data):
    assert len(problems(with_data("v.jsonl", "[]\n" * 1000))) == 5


def test_missing_data_file_is_reported_once(problems, valid):
    (problem,) = problems(valid + FEEDER.format(file="nope.csv"))

    assert '"nope.csv" cannot be read: No such file or directory' in problem

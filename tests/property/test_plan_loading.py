"""Whatever stands in a plan: it is loaded, or refused with problems in plain words."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wedload.errors import PlanError
from wedload.plan.loader import parse_plan

SETTINGS = settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
PLAN = """\
schema = 1
name = "small"
description = "x"
[targets.sandbox]
default = true
sandbox = true
[targets.other]
base_url = "http://127.0.0.1"
headers = { A = "${env.WEDLOAD_A}" }
tls = { verify = false, cert = "c", key = "k" }
[http]
timeout = "5s"
[secrets]
env = ["HOME"]
[identities.couple]
http = "POST /auth"
json = { a = ["${x}"] }
capture = { token = "json.t" }
headers = { A = "${token}" }
[variables]
x = { y = 1 }
[data.rows]
file = "rows.csv"
[scenarios.show]
executor = "ramping-vus"
stages = [ { name = "up", duration = "1m", target = 5 }, { duration = "1m", target = 0 } ]
mix = { visit = 1 }
[scenarios.quiet]
executor = "constant-vus"
vus = 1
duration = "1m"
workflow = "visit"
[[workflows.visit]]
name = "look"
http = "GET /${x}"
as = "couple"
let = { z = "${x.y}" }
query = { a = "${z}", b = 1 }
expected_status = [200]
capture = { id = "json.id" }
check = { "ok" = "status == 200" }
cleanup = "DELETE /${id}"
tags = { critical = "yes" }
group = "a/b"
[[workflows.visit]]
think = "uniform(1s, 2s)"
[[workflows.visit]]
use = "inner"
when = "exists(id)"
[[workflows.visit]]
name = "told"
await = { channel = "hooks", key = "id", since = "look", within = "2s", wait = true }
check = ["json.ok"]
[[workflows.visit]]
publish = { channel = "board", event = "e", payload = { a = "${id}" }, key = "id", wait = false }
[[workflows.inner]]
http = "GET /b?${channels.hooks.url}"
form = { a = "${id}" }
[channels.hooks]
webhook = "/hooks"
listen = "127.0.0.1:0"
signature = { scheme = "stripe", secret = "${env.WEDLOAD_S}", tolerance = "1m" }
tls = { cert = "c", key = "k" }
answers = [ { status = 503, times = 2 }, { hang = "1s" } ]
key = "json.id"
sequence = "json.n"
entity = "json.e"
[channels.board]
realtime = "supabase"
url = "/socket"
topic = "${x}"
subscribers = 5
headers = { A = "${vu}" }
changes = [ { event = "INSERT", filter = "a=${vu}" }, {} ]
limits = { connections = 5, messages = "10/s" }
key = "json.id"
[[setup]]
http = "POST /setup"
[benchmarks]
"a" = "http_req_duration{stage=up, critical=yes}: p95 < 1s"
"b" = "webhook_delivered{channel=hooks}: rate >= 99%"
"""
KEYS = [
    *sorted(set(re.findall(r"[A-Za-z_]+", PLAN))),
    "rows",
    "as_",
    "await_",
    "0",
    "x y",
]
PATHS = st.lists(st.sampled_from(KEYS).map(lambda key: f'"{key}"'), min_size=1, max_size=4).map(
    ".".join
)
PLACES = """
schema name targets targets.other targets.other.base_url targets.other.tls targets.other.headers
targets.other.http http http.timeout http.redirects http.client secrets secrets.env secrets.env[0]
identities identities.couple identities.couple.json identities.couple.capture variables
variables.x data data.rows data.rows.file data.rows.pick scenarios scenarios.show
scenarios.show.executor scenarios.show.stages scenarios.show.stages[0]
scenarios.show.stages[1].name scenarios.show.stages[0].duration scenarios.show.stages[0].target
scenarios.show.mix scenarios.show.mix.visit scenarios.show.workflow scenarios.quiet.vus
scenarios.quiet.pace workflows workflows.visit workflows.visit[0] workflows.visit[0].http
workflows.visit[0].as workflows.visit[0].name workflows.visit[0].let workflows.visit[0].let.z
workflows.visit[0].json workflows.visit[0].check workflows.visit[0].capture
workflows.visit[0].capture.id workflows.visit[0].tags workflows.visit[0].tags.http
workflows.visit[0].expected_status workflows.visit[1].think workflows.visit[2].use
workflows.visit[2].repeat workflows.inner workflows.inner[0].form.a workflows.inner[0].group
workflows.visit[3].await workflows.visit[3].await.channel workflows.visit[3].await.since
workflows.visit[3].await.key workflows.visit[3].await.wait workflows.visit[3].capture
workflows.visit[4].publish workflows.visit[4].publish.channel workflows.visit[4].publish.payload
workflows.visit[4].publish.event channels channels.hooks channels.hooks.webhook
channels.hooks.listen channels.hooks.signature channels.hooks.signature.scheme
channels.hooks.signature.secret channels.hooks.answers channels.hooks.answers[0]
channels.hooks.answers[1].hang channels.hooks.key channels.hooks.tls channels.hooks.max_body
channels.board.realtime channels.board.url channels.board.topic channels.board.subscribers
channels.board.changes channels.board.changes[1] channels.board.limits channels.board.joins
channels.board.limits.messages channels.board.key channels.board.params channels.board.subscribe
workflows.http workflows.name data.file setup setup[0] setup[0].http benchmarks benchmarks.a
"""
KNOWN = st.sampled_from(PLACES.split())
LITERALS = """
1 0 -1 51 1.5 true false "" "x" "visit" "inner" "couple" "5s" "0s" [] {} [1] ["x"] [[]] [{}] {a=1}
{http="GET_/"} {a="${"} {visit=0} {a={b=[1]}} inf nan 2027-01-01 07:00:00 99999999999999999999
"GET_/" "ramping-vus" "constant-arrival-rate" "${nope}" "${status}" "${data.rows.b}" "${data.q.b}"
"${channels.board.url}" "hooks" "board" {channel="hooks",key="id"} {scheme="none"} {hang="1s"} "sse"
{channel="board",payload=1,key="id"} [{status=500}] "look" "told" "webhook_duplicates:count<1"
"${env.PATH}" "checks:rate>1%" "http_req_duration{step=x}:p95<1s" [{think="1s"}] [{use="visit"}]
[{http="GET_/",json=1,form={}}] [{sql="x"}] [{http="GET_/",think="1s"}] "json.x" "status=="
"""
VALUES = st.one_of(
    st.sampled_from(LITERALS.split()).map(lambda text: text.replace("GET_/", "GET /")),
    st.text(max_size=6).map(lambda text: f"'{text}'"),
)
OVERRIDES = st.lists(st.builds("{}={}".format, st.one_of(KNOWN, PATHS), VALUES), max_size=4)
UNWANTED = re.compile(r"Input should|Value error|Field required|[Pp]ydantic|HttpStep|Traceback")


def problems_of(text: str, folder: Path, overrides: list[str]) -> list[str]:
    try:
        parse_plan(text, file="plan.toml", base=folder, overrides=overrides)
    except PlanError as error:
        return [str(problem) for problem in error.problems]
    return []


@SETTINGS
@given(OVERRIDES)
def test_any_values_are_loaded_or_refused_in_plain_words(tmp_path_factory, overrides):
    folder = tmp_path_factory.getbasetemp()
    (folder / "rows.csv").write_text("a,b\n1,2\n")

    for problem in problems_of(PLAN, folder, overrides):
        assert UNWANTED.search(problem) is None


@SETTINGS
@given(st.data())
def test_plan_without_some_of_its_lines_is_loaded_or_refused_in_plain_words(tmp_path_factory, data):
    lines = PLAN.splitlines(keepends=True)
    gone = data.draw(st.sets(st.integers(0, len(lines) - 1), max_size=4))
    text = "".join(line for number, line in enumerate(lines) if number not in gone)

    for problem in problems_of(text, tmp_path_factory.getbasetemp(), []):
        assert UNWANTED.search(problem) is None


@SETTINGS
@given(st.text(max_size=200))
def test_any_text_is_a_plan_or_refused(text):
    assert problems_of(text, Path(), [])

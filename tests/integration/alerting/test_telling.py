"""Who is told of a run in words: a Grafana that is strict, and webhooks of messengers."""

from __future__ import annotations

import asyncio
import json
import os
import re

import pytest
import uvloop

from tests.helpers.ports import free_port
from tests.helpers.servers import QuietHandler, Threaded
from wedload.plan.loader import load_plan
from wedload.report.live import QuietView
from wedload.results.document import document_of
from wedload.results.model import Result
from wedload.run.options import RunOptions
from wedload.run.session import run_plan
from wedload.safety.redactor import KNOWN

CANARY = "cQ7vT2mXw9LkZr4B"
MET, MISSED = "http_req_duration: max < 10s", "http_reqs: count < 3"
PLAN = """\
schema = 1
name = "told"
[targets.here]
base_url = "{target}"
[scenarios.main]
executor = "ramping-vus"
start_vus = 1
stages = [
  {{ name = "calm", duration = "1s", target = 1 }},
  {{ name = "busy", duration = "1s", target = 1 }},
]
workflow = "visit"
[[workflows.visit]]
name = "look"
http = "GET /look"
[[workflows.visit]]
think = "100ms"
[benchmarks]
"Answers" = "{row}"
"""
GRAFANA = """
[monitoring.grafana]
url = "{url}"
token = "${{env.WEDLOAD_GRAFANA_TOKEN}}"
dashboard = "wedload-live"
tags = ["staging"]
"""
NOTIFY = """
[[monitoring.notify]]
url = "{url}/hook/${{env.WEDLOAD_HOOK}}"
headers = {{ X-Key = "k-${{env.WEDLOAD_HOOK}}" }}
on = "{on}"
"""


class StrictGrafana(Threaded):
    """Takes annotations as Grafana's HTTP API says that it does, and nothing else.

    Source: Grafana, "Annotations HTTP API": times are epoch milliseconds, PATCH changes the keys
    that it has.
    """

    def __init__(self):
        self.annotations: dict[int, dict] = {}
        self.patched: list[int] = []
        self.refused: list[str] = []
        grafana = self

        class Handler(QuietHandler):
            def do_POST(self):  # noqa: N802 - the name that http.server calls
                self._answer(None)

            def do_PATCH(self):  # noqa: N802 - likewise
                self._answer(re.fullmatch(r"/api/annotations/(\d+)", self.path))

            def _answer(self, match):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, answer = grafana.take(self.command, self.path, self.headers, body, match)
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        super().__init__(Handler)

    def take(self, method, path, headers, body, match):
        if headers["Authorization"] != f"Bearer {CANARY}":
            return self._refuse(401, "Unauthorized")
        if headers["Content-Type"] != "application/json":
            return self._refuse(400, "bad request data")
        known = {
            "dashboardUID": str, "panelId": int, "time": int, "timeEnd": int, "tags": list,
            "text": str,
        }  # fmt: skip
        if wrong := [k for k, v in body.items() if k not in known or type(v) is not known[k]]:
            return self._refuse(400, f"bad request data: {wrong}")
        if method == "PATCH":
            if match is None or int(match[1]) not in self.annotations:
                return self._refuse(404, "no such annotation")
            self.annotations[int(match[1])] |= body
            self.patched.append(int(match[1]))
            return 200, {"message": "Annotation patched"}
        if path != "/api/annotations" or not body.get("text"):
            return self._refuse(400, "text field should not be empty")
        number = len(self.annotations) + 1
        self.annotations[number] = body
        return 200, {"message": "Annotation added", "id": number}

    def _refuse(self, status, message):
        self.refused.append(message)
        return status, {"message": message}


class Messenger(Threaded):
    """Keeps what is posted to it; `statuses` are what it answers, the last one from then on."""

    def __init__(self, *statuses):
        self.posts: list[tuple[str, str | None, dict]] = []
        left = list(statuses)
        messenger = self

        class Handler(QuietHandler):
            def do_POST(self):  # noqa: N802 - the name that http.server calls
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                messenger.posts.append((self.path, self.headers["X-Key"], body))
                self.send_response(left.pop(0) if len(left) > 1 else left[0])
                self.send_header("Content-Length", "0")
                self.end_headers()

        super().__init__(Handler)


class Heard(QuietView):
    def __init__(self):
        self.lines: list[str] = []

    def notice(self, text):
        self.lines.append(text)


@pytest.fixture
def started():
    servers = []

    def start(server):
        servers.append(server)
        return server

    yield start
    for one in servers:
        one.close()


@pytest.fixture
def ran(tmp_path, target):
    def run(more, row=MET):
        path = tmp_path / "plan.toml"
        path.write_text(PLAN.format(target=target.url, row=row) + more)
        environ = {**os.environ, "WEDLOAD_GRAFANA_TOKEN": CANARY, "WEDLOAD_HOOK": CANARY}
        heard = Heard()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            done = runner.run(run_plan(load_plan(path), RunOptions(), heard, environ))
        document = KNOWN.document(document_of(done))
        assert CANARY not in json.dumps(document) + "".join(heard.lines)
        return Result.model_validate(json.loads(json.dumps(document))), heard.lines

    return run


def test_each_stage_is_a_region_that_has_its_end_when_it_is_over(started, ran):
    grafana = started(StrictGrafana())
    result, _ = ran(GRAFANA.format(url=grafana.url))
    assert grafana.refused == []
    calm, busy = sorted(grafana.annotations.values(), key=lambda one: one["time"])
    for name, one in (("calm", calm), ("busy", busy)):
        assert one["dashboardUID"] == "wedload-live"
        assert one["tags"] == ["wedload", "told", "staging", "stage", name]
        assert f"run {result.run.id}: stage {name} of main" in one["text"]
        assert one["timeEnd"] - one["time"] == 1000
    assert busy["time"] - calm["time"] == 1000
    began_ms = result.run.started_at.timestamp() * 1000
    assert began_ms <= calm["time"] <= began_ms + 60_000
    assert sorted(grafana.patched) == [1, 2]
    (told,) = result.monitoring.told
    assert (told.name, told.to, told.sent, told.failed) == ("grafana", grafana.url, 2, 0)


def test_a_token_that_is_refused_is_a_warning_and_no_more(started, ran):
    grafana = started(StrictGrafana())
    result, lines = ran(
        GRAFANA.format(url=grafana.url).replace(
            "${env.WEDLOAD_GRAFANA_TOKEN}", "other-${env.WEDLOAD_HOOK}"
        )
    )
    assert result.verdict == "pass"
    assert set(grafana.refused) == {"Unauthorized"}
    assert "not-told" in [one.kind for one in result.validity.findings]
    assert any("401" in line for line in lines)


@pytest.mark.parametrize(
    ("on", "row", "head"),
    [
        ("always", MET, "PASS – told → here"), ("always", MISSED, "FAIL – told → here"),
        ("not-passed", MISSED, "FAIL – told → here"), ("not-passed", MET, None),
    ],
)  # fmt: skip
def test_the_verdict_is_told_to_who_wants_it(started, ran, on, row, head):
    messenger = started(Messenger(200))
    result, _ = ran(NOTIFY.format(url=messenger.url, on=on), row)
    if head is None:
        assert (messenger.posts, result.monitoring.told) == ([], [])
        return
    ((path, key, body),) = messenger.posts
    assert (path, key, list(body)) == (f"/hook/{CANARY}", f"k-{CANARY}", ["text"])
    first, *others = body["text"].splitlines()
    assert first == f"{head} (run {result.run.id})"
    assert CANARY not in body["text"]
    assert any(line.startswith("• ") for line in others) is (result.verdict == "fail")
    (told,) = result.monitoring.told
    assert (told.to, told.sent, told.failed) == (messenger.url, True, False)


def test_a_webhook_that_is_busy_is_asked_again(started, ran):
    messenger = started(Messenger(503, 200))
    result, _ = ran(NOTIFY.format(url=messenger.url, on="always"))
    assert len(messenger.posts) == 2
    assert [one.sent for one in result.monitoring.told] == [1]


def test_a_webhook_that_is_gone_is_a_warning_without_its_secret(ran):
    url = f"http://127.0.0.1:{free_port()}"
    result, lines = ran(NOTIFY.format(url=url, on="always"))
    assert result.verdict == "pass"
    (told,) = result.monitoring.told
    assert (told.sent, told.failed) == (0, 1)
    assert "refused" in told.problem
    assert any(line.startswith("warning, notify[0]: ") for line in lines)
    assert "not-told" in [one.kind for one in result.validity.findings]

"""Where a plan leads, as far as it is written out."""

from __future__ import annotations

from pathlib import Path

import pytest

from wedload.plan.contacts import contacts_of, contacts_of_channels
from wedload.plan.loader import parse_plan

PLAN = """\
schema = 1
name = "far"
[targets.staging]
default = true
base_url = "https://staging.test/app"
[targets.other]
base_url = "http://[2001:db8::7]:8080"
proxy = "http://${{env.WEDLOAD_USER}}:${{env.WEDLOAD_PASSWORD}}@own.test:3128"
[http]
client = "aiohttp"
proxy = "http://proxy.test:3128"
[identities.supplier]
http = "POST https://auth.test/login?x=${{vu}}"
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "1s"
workflow = "visit"
[[setup]]
http = "GET http://setup.test/a"
[[workflows.visit]]
batch = [{{ http = "GET /near" }}, {{ http = "GET http://batched.test/${{vu}}" }}]
[[workflows.visit]]
name = "make"
http = "POST /things"
cleanup = "DELETE http://undo.test:81/things"
[[teardown]]
http = "GET {url}"
[channels.room]
realtime = "websocket"
url = "wss://room.test/ws"
key = "json.id"
[proxies.db]
upstream = "db.test:5432"
[proxies.front]
upstream = "[2001:db8::9]:80"
"""


def found(url="http://last.test/", target="staging"):
    loaded = parse_plan(PLAN.format(url=url), file="plan.toml", base=Path())
    lines = loaded.positions
    return [
        (one.what, one.host, one.port, lines.line(one.path))
        for one in contacts_of(loaded.plan, target)
    ]


def test_every_host_that_is_written_out_is_found_with_its_place():
    assert found() == [
        ("target staging", "staging.test", None, 5),
        ("the proxy to target staging", "proxy.test", 3128, 11),
        ("identity supplier", "auth.test", None, 13),
        ("channel room", "room.test", None, 31),
        ("proxy db", "db.test", 5432, 34),
        ("proxy front", "2001:db8::9", 80, 36),
        ('step "GET http://setup.test/a"', "setup.test", None, 20),
        ('step "GET http://batched.test/${vu}"', "batched.test", None, 22),
        ('step "make"', "undo.test", 81, 26),
        ('step "GET http://last.test/"', "last.test", None, 28),
    ]


def test_another_target_has_its_own_base_url_and_proxy():
    assert found(target="other")[:2] == [
        ("target other", "2001:db8::7", 8080, 7),
        ("the proxy to target other", "own.test", 3128, 8),
    ]


@pytest.mark.parametrize(
    "url",
    [
        "${env.WEDLOAD_URL}", "http://${env.WEDLOAD_HOST}/a", "http://a${vu}.test/b",
        "http://a.test:${env.WEDLOAD_PORT}/b", "/path",
    ],
)  # fmt: skip
def test_what_a_template_tells_is_not_known_before(url):
    assert [what for what, *_ in found(url)][-1] == 'step "make"'


def test_a_websocket_is_found_too():
    text = PLAN.format(url="/").replace("proxy =", "# proxy =").replace("GET /near", "GET /")
    text = text.replace('name = "make"\nhttp = "POST /things"\ncleanup', "ws").replace(
        "DELETE http", "ws"
    )
    loaded = parse_plan(text, file="plan.toml", base=Path())

    last = list(contacts_of(loaded.plan, "staging"))[-1]

    assert (last.host, last.port) == ("undo.test", 81)
    assert last.url == "ws://undo.test:81/things"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("ws://127.0.0.1:4000/ws", ("127.0.0.1", 4000)),
        ("wss://abc.supabase.co/realtime/v1/websocket", ("abc.supabase.co", None)),
        ("http://[::1]/ws?a=${env.WEDLOAD_A}", ("::1", None)),
        ("ws://127.0.0.1/rooms/${vu}", ("127.0.0.1", None)),
        ("ws://127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("/ws", None),
        ("ws://${env.WEDLOAD_HOST}/ws", None),
        ("ws://127.0.0.${vu}/ws", None),
        ("ws://127.0.0.1:${env.WEDLOAD_PORT}/ws", None),
        ("${env.WEDLOAD_URL}", None),
        ("ws://127.0.0.1:http/ws", None),
    ],
)
def test_a_channel_says_where_it_is_if_its_host_is_written_out(url, expected):
    text = PLAN.format(url="/").replace("wss://room.test/ws", url)
    loaded = parse_plan(text, file="plan.toml", base=Path())

    hosts = [(one.host, one.port) for one in contacts_of_channels(loaded.plan)]

    assert hosts == ([] if expected is None else [expected])

"""Ways out: load that would go where it must not, each by the real command in a real network.

What must not be reached listens and counts; that it stays silent means something, as the same plans
reach what is proven.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.helpers.elsewhere import METADATA, OTHER, PROVEN, PROXY, SIX, elsewhere

SOON = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"
HOST = "staging.test"
PLAN = """\
schema = 1
name = "escape"
[targets.staging]
base_url = "{base_url}"
{target}
[http]
{http}
[scenarios.main]
executor = "shared-iterations"
vus = 1
iterations = 1
workflow = "visit"
{steps}
{more}
"""
#: what nobody may reach, as a name server and as every resolver would have it
SPELLINGS = {
    "undeclared address": OTHER,
    "undeclared name": "other.test",
    "decimal": "3325256713",
    "hexadecimal": "0xc6336409",
    "octal": "0306.063.0144.011",
    "short": "198.51.25609",
    "mapped": f"[::ffff:{OTHER}]",
    "mapped in hexadecimal": "[::ffff:c633:6409]",
    "IPv6": f"[{SIX}]",
    "metadata": METADATA,
    "metadata in decimal": "2852039166",
    "metadata, mapped": "[::ffff:a9fe:a9fe]",
    "metadata by a name": "metadata.test",
    "metadata of a declared name": "rebound.test",
    "proven address, not by its name": PROVEN,
}


def record(host: str = HOST, expires: str = SOON, more: str = "") -> str:
    return f"v=wedload1; host={host}; expires={expires}{more}"


def names(**more: dict) -> dict:
    """What the name server knows; a host is proven by its record."""
    return {
        HOST: {"A": [[PROVEN]]},
        f"_wedload.{HOST}": {"TXT": [[record()]]},
        "other.test": {"A": [[OTHER]], "AAAA": [[SIX]]},
        "metadata.test": {"A": [[METADATA]]},
        "rebound.test": {"A": [[PROVEN], [METADATA]]},
        "_wedload.rebound.test": {"TXT": [[record("rebound.test")]]},
        **more,
    }


def step(url: str, name: str = "look", verb: str = "http", more: str = "") -> str:
    line = f'http = "GET {url}"' if verb == "http" else f'ws = "{url}"\nexpect = "true"'
    return f'[[workflows.visit]]\nname = "{name}"\n{line}\non_failure = "continue"\n{more}\n'


def plan(
    steps: str = step("/look"), *, base_url=f"http://{HOST}", target="", http="", more=""
) -> str:
    return PLAN.format(base_url=base_url, target=target, http=http, steps=steps, more=more)


@pytest.fixture(scope="module")
def away(tmp_path_factory):
    one = elsewhere(tmp_path_factory.mktemp("elsewhere"))
    yield one
    one.close()


def silent(away, *, but: str = "") -> bool:
    """Whether nobody connected to anywhere beyond loopback, but to one address."""
    counts = away.connections
    return not any(counts[one] for one in (PROVEN, OTHER, METADATA, SIX) if one != but)


def outcomes(done) -> dict[str, dict[str, int]]:
    return {one["step"]: one["outcomes"] for one in done.result["steps"]}


# --- what is allowed, so that silence means something -------------------------------------------


def test_a_host_that_its_record_proves_is_reached(away):
    away.begin(names())

    done = away("run", away.plan(plan()), "--once")

    assert done.code == 0, done.err
    assert outcomes(done) == {"look": {"ok": 1}}
    assert away.requests == [f"{HOST} /look"]  # the record alone proves it: no file was asked for
    assert silent(away, but=PROVEN)
    assert away.asked.count(f"{HOST} A") == 1  # and nobody looks it up again


def test_a_host_that_its_file_proves_is_reached_where_the_plan_leads_it(away):
    said = json.dumps({"wedload": 1, "host": "led.test", "expires": SOON, "max_vus": 5})
    away.begin(names(), {"/.well-known/wedload.json": said})
    led = plan(base_url="http://led.test:8080", target=f'hosts = {{ "led.test" = "{OTHER}:80" }}')

    done = away("run", away.plan(led), "--once")

    assert done.code == 0, done.err
    assert away.requests == ["led.test:8080 /.well-known/wedload.json", "led.test:8080 /look"]
    assert silent(away, but=OTHER)
    assert "led.test A" not in away.asked


def test_more_than_a_hosts_owner_allows_is_refused_before_any_request(away):
    away.begin(names(**{f"_wedload.{HOST}": {"TXT": [[record(more="; max_vus=1")]]}}))

    done = away("run", away.plan(plan()), "--stage", "1s:2")

    assert done.code == 2
    told = " ".join(done.err.split())
    assert "asks for 2 virtual users, and the owner of the target staging allows 1 at most" in told
    assert silent(away)


@pytest.mark.parametrize("client", ["wire", "aiohttp"])
def test_nothing_is_reached_but_what_is_proven_however_it_is_written(away, client):
    away.begin(names())
    steps = "".join(
        [
            *(
                step(f"http://${{env.WEDLOAD_{at}}}/x", name)
                for at, name in enumerate(SPELLINGS)
            ),
            *(
                step(f"/go?to=http://{host}/x", f"redirect to {name}")
                for name, host in SPELLINGS.items()
            ),
            step("http://${env.WEDLOAD_0}/x", "talk", "ws").replace("http://", "ws://")
            if client == "wire"
            else "",
            step("/look"),
        ]
    )  # fmt: skip
    target = 'allow_hosts = ["rebound.test"]'
    http = f'client = "{client}"\ndns_ttl = "1ms"'
    variables = {f"WEDLOAD_{at}": host for at, host in enumerate(SPELLINGS.values())}

    done = away("run", away.plan(plan(steps, target=target, http=http)), "--once", **variables)

    found = outcomes(done)
    assert found.pop("look") == {"ok": 1}, done.err
    redirects = {name: one for name, one in found.items() if name.startswith("redirect")}
    assert len(redirects) == len(SPELLINGS)
    assert all(one == {"ok": 1, "blocked": 1} for one in redirects.values()), redirects
    others = {name: one for name, one in found.items() if name not in redirects}
    assert len(others) == len(SPELLINGS) + (client == "wire")
    assert all(one == {"blocked": 1} for one in others.values()), others
    assert silent(away, but=PROVEN)
    assert {request.split()[0] for request in away.requests} == {HOST}


# --- what is refused before the load ------------------------------------------------------------


def test_hosts_that_are_written_out_and_not_declared_are_refused_all_at_once_with_their_places(
    away,
):
    away.begin(names())
    more = "".join(
        [
            f'[channels.room]\nrealtime = "websocket"\nurl = "ws://{OTHER}/ws"\nkey = "json.id"\n',
            f'[proxies.near]\nupstream = "{OTHER}:80"\n[proxies.far]\nupstream = "other.test:80"\n',
            f'[identities.couple]\nhttp = "POST http://{OTHER}/login"\n',
            f'[[setup]]\nhttp = "GET http://[{SIX}]/a"\n',
        ]
    )
    steps = "".join(step(f"http://{host}/x", name) for name, host in SPELLINGS.items())
    steps += step("ws://0xc6336409/talk", "talk", "ws")
    steps += step("/make", "make", more=f'cleanup = "DELETE http://{METADATA}/x"')

    done = away("run", away.plan(plan(steps, more=more)))

    assert done.code == 2, done.err
    told = [line for line in done.err.splitlines() if "plan.toml:" in line]
    assert len(told) == len(SPELLINGS) + 7, done.err  # what the proven address is elsewhere, too
    assert all("is not on loopback" in line or "no load ever" in line for line in told), told
    for what in ("channel room", "proxy near", "proxy far", "identity couple", "make", "talk"):
        assert sum(what in line for line in told) == 1, what
    assert "wedload prove HOST" in done.err
    assert done.out == ""
    assert silent(away)


#: what is published for a host, and why that does not do
UNPROVEN = {
    "none.test": ({}, "the TXT record _wedload.none.test is not there"),
    "expired.test": (
        {"TXT": [[record("expired.test", "2026-01-01")]]},
        "the TXT record _wedload.expired.test expired on 2026-01-01",
    ),
    "copied.test": ({"TXT": [[record()]]}, "is for another host: staging.test"),
    "spf.test": ({"TXT": [["v=spf1 -all"]]}, "does not begin with v=wedload1"),
    "newer.test": (
        {"TXT": [[record("newer.test", more="; max_users=5")]]},
        "says max_users, which this version of wedload does not know",
    ),
    "shop.test": (
        {"TXT": [[record("shop.test", more="; environment=production")]]},
        "the owner of shop.test says that it is production",
    ),
    "qa.test": (
        {"TXT": [[record("qa.test", more="; environment=test")]]},
        'the owner of qa.test says that it is "test", and the plan says "staging"',
    ),
    "metadata.test": (
        {"TXT": [[record("metadata.test")]]},
        "metadata.test (169.254.169.254) is where clouds keep a machine's credentials",
    ),
    "www.wedding-shop.com": (
        {"TXT": [[record("www.wedding-shop.com")]]},
        "www.wedding-shop.com looks like production",
    ),
    "0xa9fea9fe": ({}, "no load ever goes there"),
    "nowhere.test": ({}, "the name nowhere.test is not known"),
}


def test_what_is_not_proven_is_not_reached(away):
    known = {}
    for host, (published, _) in UNPROVEN.items():
        known |= {host: {"A": [[PROVEN]]}, f"_wedload.{host}": published}
    known["metadata.test"] = {"A": [[METADATA]]}
    del known["nowhere.test"]
    away.begin(names(**known))
    target = f'environment = "staging"\nallow_hosts = {list(UNPROVEN)}'

    done = away("run", away.plan(plan(target=target)), "--once")

    assert done.code == 2, done.err
    for host, (_, why) in UNPROVEN.items():
        assert why in done.said, host
    assert sum("plan.toml:" in line for line in done.err.splitlines()) == len(UNPROVEN), done.err
    assert done.out == ""
    assert silent(away)  # nobody speaks TLS there, where their files would be asked for


@pytest.mark.parametrize(
    ("target", "arguments", "why"),
    [
        (
            'environment = "production"', [],
            'environment is "production", and the command line does not allow that',
        ),
        ("", ["--production"], "target staging does not say environment"),
    ],
)  # fmt: skip
def test_production_is_said_in_the_plan_and_on_the_command_line_or_not_at_all(
    away, target, arguments, why
):
    away.begin(names())

    done = away("run", away.plan(plan(target=target)), "--once", *arguments)

    assert done.code == 2, done.err
    assert why in done.said
    assert silent(away)
    assert away.asked == []


@pytest.mark.parametrize(
    ("answer", "why"),
    [("no proof", "is not JSON"), (f"-> http://{OTHER}/", "it answers with status 302")],
)
def test_a_file_that_proves_nothing_is_asked_for_once_and_no_redirect_followed(away, answer, why):
    away.begin({HOST: {"A": [[PROVEN]]}}, {"/.well-known/wedload.json": answer})

    done = away("run", away.plan(plan()), "--once")

    assert done.code == 2, done.err
    assert why in done.said
    assert silent(away, but=PROVEN)
    assert "publish what `wedload prove http://staging.test` prints" in done.said
    assert away.requests == [f"{HOST} /.well-known/wedload.json"]


SHOP = "www.wedding-shop.com"


def of_shop(more: str = "") -> dict:
    return {SHOP: {"A": [[PROVEN]]}, f"_wedload.{SHOP}": {"TXT": [[record(SHOP, more=more)]]}}


def test_production_is_reached_when_plan_command_line_and_owner_say_so(away):
    away.begin(of_shop("; environment=production"))
    text = plan(base_url=f"http://{SHOP}", target='environment = "production"')

    done = away("run", away.plan(text), "--once", "--production")

    assert done.code == 0, done.err
    assert away.requests == [f"{SHOP} /look"]


# --- names whose answers change -----------------------------------------------------------------


def test_a_name_that_leads_elsewhere_after_it_was_checked_leads_nowhere(away):
    changing = {
        HOST: {"A": [[PROVEN], [OTHER]]},
        "near.test": {"A": [["127.0.0.1"], [OTHER]]},
        "nearer.test": {"A": [["127.0.0.1", OTHER]]},
    }
    away.begin(names(**changing))
    steps = "".join(step(f"http://{one}/x", one) for one in ("near.test",)) + step("/look")
    steps += step("http://${env.WEDLOAD_NEARER}/x", "nearer.test")

    done = away("run", away.plan(plan(steps)), "--once", WEDLOAD_NEARER="nearer.test")

    assert outcomes(done) == {
        "look": {"ok": 1}, "near.test": {"blocked": 1}, "nearer.test": {"blocked": 1},
    }  # fmt: skip
    assert silent(away, but=PROVEN)


def test_a_new_answer_is_taken_only_if_it_is_one_of_those_that_were_proven(away):
    away.begin(names(**{HOST: {"A": [[PROVEN, OTHER], [OTHER], [PROVEN, METADATA]]}}))
    http = 'dns_ttl = "1ms"\nconnections = "per-iteration"'
    steps = '[[workflows.visit]]\nthink = "20ms"\n' + step("/look")  # longer than an answer lives
    away.plan(plan(steps, http=http).replace("iterations = 1", "iterations = 2"))

    done = away("run", away.folder / "plan.toml")

    assert outcomes(done) == {"look": {"blocked": 1, "ok": 1}}, done.err
    assert away.connections[METADATA] == 0
    assert f"{HOST} ({METADATA}) is where clouds keep" in done.said


# --- proxies, channels, webhooks ----------------------------------------------------------------


def test_through_a_forward_proxy_load_goes_no_further_than_without(away):
    away.begin(names())
    http = f'client = "aiohttp"\nproxy = "{PROXY}"'
    steps = step("/look") + "".join(
        step(f"http://${{env.WEDLOAD_{at}}}/x", name)
        for at, name in enumerate(SPELLINGS)
        if name != "metadata of a declared name"
    )
    variables = {f"WEDLOAD_{at}": host for at, host in enumerate(SPELLINGS.values())}

    done = away("run", away.plan(plan(steps, http=http)), "--once", **variables)

    found = outcomes(done)
    assert found.pop("look") == {"ok": 1}, done.err
    assert all(one == {"blocked": 1} for one in found.values()), found
    assert silent(away, but=PROVEN)
    assert away.requests == [f"{HOST} /look"]


@pytest.mark.parametrize("headers", ['Content-Length = "0"', f'Host = "{OTHER}"'])
def test_no_header_makes_a_second_request_or_another_host_of_one_that_a_proxy_passes_on(
    away, headers
):
    away.begin(names())
    http = f'client = "aiohttp"\nproxy = "{PROXY}"'
    second = f"GET http://{OTHER}/ HTTP/1.1\\r\\nHost: {OTHER}\\r\\n\\r\\n"
    more = f'headers = {{ {headers} }}\nbody = "{second}"'

    done = away("run", away.plan(plan(step("/look", more=more), http=http)), "--once")

    assert done.code == 2, done.err
    assert "the header" in done.said
    assert silent(away)


@pytest.mark.parametrize(
    ("proxy", "variables"),
    [
        ("http://0xc6336409:80", {}),
        ("${env.WEDLOAD_PROXY}", {"WEDLOAD_PROXY": "http://other.test:80"}),
    ],
)
def test_a_forward_proxy_that_is_not_declared_is_not_reached(away, proxy, variables):
    away.begin(names())

    done = away(
        "run", away.plan(plan(http=f'client = "aiohttp"\nproxy = "{proxy}"')), "--once", **variables
    )

    assert done.code == 2, done.err
    assert "is not on loopback, and the target does not declare it" in done.said
    assert silent(away)


def test_a_forward_proxy_elsewhere_is_not_asked_for_its_own_loopback(away):
    away.begin(names())
    http = f'client = "aiohttp"\nproxy = "http://{HOST}:80"'
    steps = step("/look") + step(f"http://{HOST}/x", "through it")
    target = f'allow_hosts = ["{HOST}"]'

    done = away(
        "run",
        away.plan(plan(steps, base_url="http://127.0.0.1", target=target, http=http)),
        "--once",
    )

    assert outcomes(done) == {"look": {"blocked": 1}, "through it": {"ok": 1}}, done.err
    assert away.connections["127.0.0.1"] == 0
    assert away.requests == [f"{HOST} /x"]


def test_a_fault_proxy_leads_to_what_is_proven(away):
    away.begin(names())
    more = f'[proxies.front]\nupstream = "{HOST}:80"\n'
    text = plan(step("${proxies.front.url}/x"), more=more)

    done = away("run", away.plan(text), "--once")

    assert outcomes(done) == {"look": {"ok": 1}}, done.err
    assert silent(away, but=PROVEN)


ROOM = '[channels.{0}]\nrealtime = "{1}"\nurl = "{2}://${{env.WEDLOAD_{0}}}/ws"\nkey = "json.id"\n'


def test_a_subscriber_does_not_connect_to_what_is_not_declared(away):
    away.begin(names())
    kinds = [("A", "websocket", "ws"), ("B", "sse", "http"), ("C", "phoenix", "wss")]
    more = "".join(
        ROOM.format(*kind) + ('topic = "t"\n' if "phoenix" in kind else "") for kind in kinds
    )
    hosts = {"WEDLOAD_A": "other.test", "WEDLOAD_B": METADATA, "WEDLOAD_C": f"[::ffff:{OTHER}]"}

    done = away("run", away.plan(plan(more=more)), "--once", **hosts)

    assert done.code == 4, done.err
    for name, why in {"A": "is not on loop", "B": "no load ever", "C": "is not on loop"}.items():
        assert any(f"channel {name}:" in line and why in line for line in done.err.splitlines())
    assert silent(away, but=PROVEN)
    assert away.requests == []


def test_a_webhook_that_is_registered_at_the_sandbox_for_elsewhere_is_never_sent(away):
    away.begin(names())
    identity = '[identities.supplier]\nhttp = "POST /api/auth/supplier"\n'
    identity += 'json = { email = "${synthetic.email()}", key = "${env.WEDLOAD_SUPPLIER_KEY}" }\n'
    identity += 'capture = { token = "json.token" }\n'
    identity += 'headers = { Authorization = "Bearer ${token}" }\n'
    hosts = [OTHER, "other.test", METADATA, f"[::ffff:{OTHER}]", "0xc6336409"]
    steps = "".join(
        f'[[workflows.visit]]\nname = "{host}"\nhttp = "POST /api/webhooks/endpoints"\n'
        f'as = "supplier"\njson = {{ url = "http://{host}/hooks" }}\nexpected_status = [422]\n'
        for host in hosts
    )
    text = plan(steps, more=identity).replace(f'base_url = "http://{HOST}"', "sandbox = true")

    done = away("run", away.plan(text), "--once")

    assert {host: {"ok": 1} for host in hosts}.items() <= outcomes(done).items(), done.err
    assert silent(away)


# --- telling of it ------------------------------------------------------------------------------


def test_prove_tells_what_to_publish_and_what_is_there(away):
    away.begin({HOST: {"A": [[PROVEN]]}})

    before = away("prove", f"http://{HOST}", "--days", 30)
    (published,) = (
        line.partition(' TXT "')[2].rstrip('"')
        for line in before.out.splitlines()
        if line.startswith(f"_wedload.{HOST}. TXT ")
    )
    (file,) = (line for line in before.out.splitlines() if line.startswith('{"wedload"'))
    limited = f"{published}; environment=staging; max_rate=600/1m"
    away.begin({HOST: {"A": [[PROVEN]]}, f"_wedload.{HOST}": {"TXT": [[limited]]}})
    by_record = away("prove", HOST)
    away.begin({HOST: {"A": [[PROVEN]]}}, {"/.well-known/wedload.json": file})
    by_file = away("prove", f"http://{HOST}")
    away.begin({}, {"/.well-known/wedload.json": file.replace(HOST, SIX)})
    of_address = away("prove", f"http://[{SIX}]")
    day = json.loads(file)["expires"]

    assert before.code == 4, before.err
    assert f"{HOST} is not proven" in before.out
    assert f"the TXT record _wedload.{HOST} is not there" in before.said
    assert by_record.code == 0, by_record.out
    assert f"is proven until {day} 23:59 UTC, by the TXT record" in by_record.said
    assert "and says: environment = staging, max_rate = 10/s" in by_record.said
    assert "and says" not in by_file.said
    assert by_file.code == 0, by_file.out
    assert f"by http://{HOST}/.well-known/wedload.json" in by_file.said
    assert of_address.code == 0, of_address.out
    assert "TXT" not in of_address.out  # an address has no name


@pytest.mark.parametrize(
    ("host", "code", "said"),
    [
        ("localhost", 0, "localhost is this machine: load may go there without a proof"),
        ("metadata.test", 2, "no load ever goes there"),
        ("nowhere.test", 4, "the name nowhere.test is not known"),
        (SHOP, 4, "looks like production"),
        ("a/b", 2, "is not a host"),
        ("a.test:8080", 2, "hint: wedload prove https://a.test:8080, or http://a.test:8080"),
    ],
)
def test_prove_says_at_once_where_a_proof_is_of_no_use(away, host, code, said):
    away.begin(names(**{SHOP: {"A": [[PROVEN]]}}))

    done = away("prove", host)

    assert done.code == code, done.out
    assert said in " ".join((done.out + done.err).split())
    assert silent(away, but=PROVEN)


def test_check_asks_nobody_unless_it_is_told_to_prove(away):
    away.begin(names())
    text = plan(target='allow_hosts = ["auth.test", "www.wedding-shop.com"]')

    asking_nobody = away("check", away.plan(text))
    quiet = silent(away) and away.asked == []
    proving = away("check", away.plan(plan()), "--prove")

    assert asking_nobody.code == 0, asking_nobody.err
    assert f"{HOST} needs a proof, unless it is this machine; `wedload prove" in asking_nobody.said
    assert "www.wedding-shop.com looks like production" in asking_nobody.said
    assert quiet
    assert f"proven: {HOST} ({PROVEN})" in proving.said
    assert "needs a proof" not in proving.said
    assert silent(away)  # the record was enough


@pytest.mark.parametrize(
    ("known", "code", "said"),
    [
        ({HOST: {"A": [[PROVEN]]}}, 2, "nothing proves that load may go there"),
        (
            {HOST: {"A": [[PROVEN]]}, f"_wedload.{HOST}": {"TXT": [[record(more="; max_vus=1")]]}},
            2, "max_vus",
        ),
        ({}, 4, f"the name {HOST} is not known"),
    ],
    ids=["unproven", "beyond the owner's cap", "unknown"],
)  # fmt: skip
def test_check_that_proves_exits_as_a_run_would(away, known, code, said):
    away.begin(known)
    text = plan().replace("vus = 1\niterations = 1", "vus = 2\niterations = 2")

    checked = away("check", away.plan(text), "--prove")
    run = away("run", away.plan(text))

    assert checked.code == run.code == code, checked.said
    assert said in checked.err, checked.said
    assert "a run will refuse" not in checked.said

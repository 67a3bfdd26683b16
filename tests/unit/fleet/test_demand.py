"""What a plan needs of open files and connections: what is sure, and what may be."""

from __future__ import annotations

import pytest

from wedload.fleet.demand import Demand, Span, demand_of
from wedload.plan.loader import load_plan
from wedload.workload.compile_plan import Settings, compile_workload

BASE = """\
schema = 1
name = "large"
[variables]
elsewhere = "127.0.0.1:6"
[targets.local]
base_url = "http://127.0.0.1:9"
default = true
[targets.sandbox]
sandbox = true
[targets.h2]
base_url = "https://127.0.0.1:9"
http = "2"
[targets.either]
base_url = "https://127.0.0.1:9"
http = "auto"
[identities.someone]
http = "POST http://127.0.0.1:7/login"
headers = { Authorization = "Bearer x" }
"""
HEAD = f"""{BASE}
[scenarios.main]
executor = "ramping-vus"
stages = [{{ duration = "1s", target = 4001 }}, {{ duration = "1s", target = 0 }}]
workflow = "visit"
[scenarios.side]
executor = "constant-vus"
vus = 101
duration = "1s"
workflow = "other"
"""
LOOK = '[[workflows.visit]]\nhttp = "GET /a"\n'
OTHER = '[[workflows.other]]\nhttp = "GET /b"\n'
TEN = '[scenarios.main]\nworkflow = "visit"\nexecutor = "constant-vus"\nvus = 10\nduration = "1m"\n'


def both(number: int) -> Span:
    return Span(number, number)


@pytest.fixture
def demand(tmp_path):
    def of(text: str, workers: int = 1, target: str = "local", **settings) -> Demand:
        (tmp_path / "plan.toml").write_text(text)
        plan = load_plan(tmp_path / "plan.toml").plan
        url = plan.targets[target].base_url or "http://127.0.0.1:1"
        workload = compile_workload(plan, Settings(target, url, **settings))
        return demand_of(plan, workload, target, workers)

    return of


# --- each virtual user ---------------------------------------------------------------------------


def test_each_user_needs_a_connection_and_each_process_some_files_more(demand):
    plan = HEAD + LOOK + OTHER

    assert demand(plan) == Demand(both(64 + 4001 + 101), 4102)
    # the process with the most: each scenario's users are shared out by themselves
    assert demand(plan, 2) == Demand(both(64 + 2001 + 51), 4102)
    assert demand(plan, 5000) == Demand(both(64 + 1 + 1), 4102)
    assert demand(plan, once=True) == Demand(both(64 + 1 + 1), 2)


def test_a_step_of_its_own_code_sends_to_the_target_and_signs_in(demand):
    own = '[[workflows.visit]]\npython = "flows:send"\n'

    assert demand(BASE + TEN + own).connections == 10
    assert demand(BASE + TEN + own + 'as = "someone"\n').open_files == both(84)


def test_a_websocket_is_a_connection_beside_those_of_http_for_each_url_and_identity(demand):
    ask = '[[workflows.visit]]\nname = "{}"\nws = "{}"\n'
    one = BASE + TEN + ask.format("a", "/chat") + ask.format("b", "/chat")
    assert demand(one) == Demand(both(64 + 10), 10)
    # HTTP/2 changes nothing about them
    assert demand(one, target="h2") == Demand(both(64 + 10), 10)
    assert demand(one + LOOK) == Demand(both(64 + 20), 20)
    assert demand(one + LOOK, target="h2") == Demand(both(64 + 20), 20)
    assert demand(one, target="sandbox").sandbox_files == both(64 + 10)
    more = ask.format("c", "/other") + ask.format("d", "ws://127.0.0.1:9/chat")
    assert demand(one + more) == Demand(both(64 + 30), 30)
    elsewhere = ask.format("e", "wss://127.0.0.1:8/chat") + ask.format("f", "ws://${elsewhere}/x")
    assert demand(one + elsewhere) == Demand(both(64 + 30), 10)
    # whoever signs in for it does so elsewhere
    signed_in = ask.format("g", "/chat") + 'as = "someone"\n'
    assert demand(one + signed_in) == Demand(both(64 + 30), 20)


def test_websockets_of_used_workflows_are_counted(demand):
    plan = (
        BASE + TEN + '[[workflows.visit]]\nuse = "other"\n'
        '[[workflows.other]]\nname = "a"\nws = "/chat"\n'
    )  # fmt: skip
    assert demand(plan) == Demand(both(64 + 10), 10)


def test_each_address_that_a_user_goes_to_is_a_connection_of_its_own(demand):
    visit = (
        '[[workflows.visit]]\nhttp = "GET /a"\nas = "someone"\n'
        '[[workflows.visit]]\nhttp = "GET http://127.0.0.1:8/b"\n'
        '[[workflows.visit]]\nhttp = "GET http://127.0.0.1:8/c?d=${vu}"\n'
        '[[workflows.visit]]\nhttp = "GET http://127.0.0.1:9/the-target"\n'
        '[[workflows.visit]]\nhttp = "GET http://${elsewhere}/d"\n'
        '[[workflows.visit]]\nuse = "other"\n'
    )
    # the target, the one to sign in at, :8, and one that only its variables tell
    assert demand(HEAD + visit + OTHER) == Demand(both(64 + 4 * 4001 + 101), 4102)


def test_users_of_one_address_are_added_up_over_scenarios_and_others_are_not(demand):
    visit = '[[workflows.visit]]\nhttp = "GET http://127.0.0.1:8/b"\n'
    assert demand(HEAD + visit + OTHER) == Demand(both(64 + 4001 + 101), 4001)


def batch(*requests: str) -> str:
    inner = ", ".join(
        f'{{ name = "{index} of {len(requests)}", http = "{line}" }}'
        for index, line in enumerate(requests)
    )
    return f"[[workflows.visit]]\nbatch = [{inner}]\n"


@pytest.mark.parametrize(
    ("visit", "sure", "most"),
    [
        (batch("GET /a"), 1, 1),
        (batch(*["GET /a"] * 4), 4, 4),
        (batch(*["GET /a"] * 9), 6, 6),
        # beside its own connection
        (LOOK + batch(*["GET /a"] * 9), 7, 7),
        (batch(*["GET /a"] * 2) + batch(*["GET /a"] * 3), 3, 3),
        # whole URLs share their lanes, and each lane may have been to each of them in the end
        (batch("GET /a", "GET http://127.0.0.1:8/b", "GET http://127.0.0.1:8/c"), 3, 3),
        (batch("GET http://127.0.0.1:8/b", "GET http://127.0.0.1:7/c"), 2, 4),
    ],
)
def test_requests_of_a_batch_have_connections_of_their_own_six_to_an_address(
    demand, visit, sure, most
):
    found = demand(BASE + TEN + visit)

    assert found.open_files == Span(64 + 10 * sure, 64 + 10 * most)


@pytest.mark.parametrize(("target", "most"), [("h2", 1), ("either", 6)])
def test_requests_of_a_batch_share_a_connection_of_http_2(demand, target, most):
    found = demand(BASE + TEN + LOOK + batch(*["GET /a"] * 9), target=target)

    assert found.open_files == Span(64 + 10, 64 + 10 * most)


def test_a_batch_signs_in_on_the_users_own_connection(demand):
    visit = batch(*["GET /a"] * 2).replace('"GET /a" }', '"GET /a", as = "someone" }')
    assert demand(BASE + TEN + visit).open_files == both(64 + 10 * (2 + 1))


def test_a_large_file_may_be_open_while_it_is_sent(demand, tmp_path):
    (tmp_path / "film.bin").write_bytes(bytes(1_000_001))
    (tmp_path / "small.bin").write_bytes(bytes(1_000_000))
    visit = LOOK.replace("GET", "PUT") + 'body_file = "film.bin"\n'

    assert demand(BASE + TEN + visit).open_files == Span(64 + 10, 64 + 20)
    small = visit.replace("film", "small")
    assert demand(BASE + TEN + small).open_files == both(64 + 10)


# --- how many virtual users ----------------------------------------------------------------------

ARRIVALS = """
[scenarios.main]
workflow = "visit"
executor = "constant-arrival-rate"
rate = "10/s"
duration = "1m"
"""


@pytest.mark.parametrize(
    ("more", "pause", "sure", "most"),
    [
        ("", "", 1, 1000),  # by default as many as there may be, and one if the target is fast
        ("max_vus = 50\n", "", 1, 50),
        ("", 'think = "4s"', 40, 1000),
        ("max_vus = 50\n", 'think = "20s"', 50, 50),
        ("", 'think = "uniform(1s, 3s)"', 20, 1000),
        ("", 'think = "2h"', 600, 1000),  # no more than there are iterations
        ("", 'think = "4s"\nwhen = "vu > 1"', 1, 1000),
        ("", 'use = "other"\nrepeat = 3', 60, 1000),
    ],
)
def test_arrivals_surely_need_those_who_think_and_at_most_max_vus(demand, more, pause, sure, most):
    visit = LOOK + (f"[[workflows.visit]]\n{pause}\n" if pause else "")
    other = '[[workflows.other]]\nthink = "2s"\n'

    found = demand(BASE + ARRIVALS + more + visit + other)

    assert found.open_files == Span(64 + sure, 64 + most)
    assert found.connections == most


def test_arrivals_of_a_mix_think_by_its_weights(demand):
    text = ARRIVALS.replace('workflow = "visit"', "mix = { visit = 1, other = 3 }")
    other = OTHER + '[[workflows.other]]\nthink = "4s"\n'

    assert demand(BASE + text + LOOK + other).open_files.sure == 64 + 30


def test_arrivals_are_shared_out_to_several_processes(demand):
    visit = LOOK + '[[workflows.visit]]\nthink = "4s"\n'
    assert demand(BASE + ARRIVALS + visit, 3).open_files == Span(64 + 14, 64 + 334)


def test_users_that_somebody_may_ask_for_are_not_sure(demand):
    text = TEN.replace("constant-vus", "externally-controlled") + "max_vus = 30\n"
    assert demand(BASE + text + LOOK).open_files == Span(64 + 10, 64 + 30)


def test_scenarios_after_each_other_do_not_add_up(demand):
    later = TEN.replace(".main", ".later").replace("vus = 10", "vus = 7")
    for start, sure, most in (("59s", 17, 17), ("61s", 10, 17), ("91s", 10, 10)):
        text = f'{BASE}{TEN}{later}start_time = "{start}"\n{LOOK}'
        # for the time of graceful_stop, those of the first may still be there
        assert demand(text).open_files == Span(64 + sure, 64 + most)


# --- the sandbox ---------------------------------------------------------------------------------


def test_the_sandbox_has_the_connections_of_all_load_processes(demand):
    text = HEAD + LOOK + '[[workflows.other]]\nhttp = "GET http://127.0.0.1:8/b"\n'

    found = demand(text, 2, target="sandbox")

    assert found.open_files == both(64 + 2001 + 51)
    assert found.sandbox_files == both(64 + 4001)


def test_a_proxy_before_the_sandbox_has_two_files_for_each_of_its_connections(demand):
    text = BASE + TEN + LOOK
    before = '[proxies.front]\nupstream = "sandbox"\n'
    elsewhere = '[proxies.db]\nupstream = "127.0.0.1:5432"\n'

    assert demand(text + before, target="sandbox").proxy_files == both(64 + 20)
    assert demand(text + elsewhere, target="sandbox").proxy_files is None
    assert demand(text, target="sandbox").proxy_files is None


# --- channels ------------------------------------------------------------------------------------

CHANNELS = """\
[channels.hooks]
webhook = "/hooks"
signature = { scheme = "none" }
key = "text"
[channels.near]
realtime = "websocket"
url = "/ws"
subscribers = 3000
key = "text"
[channels.far]
realtime = "websocket"
url = "ws://127.0.0.1:4/ws"
subscribers = 5000
key = "text"
"""


def test_whoever_listens_needs_a_file_for_each_subscriber_and_each_receiver(demand):
    assert demand(BASE + TEN + LOOK).ears_files is None
    assert demand(BASE + TEN + LOOK + CHANNELS, 2).ears_files == both(64 + 1 + 3000 + 5000)


def test_subscribers_need_ports_as_virtual_users_do(demand):
    assert demand(BASE + TEN + LOOK + CHANNELS).connections == 5000
    together = CHANNELS.replace("ws://127.0.0.1:4/ws", "ws://127.0.0.1:9/ws")
    assert demand(BASE + TEN + LOOK + together).connections == 10 + 3000 + 5000


def test_the_sandbox_needs_a_file_for_each_of_its_subscribers(demand):
    quiet = demand(BASE + TEN + LOOK, target="sandbox").sandbox_files
    heard = demand(BASE + TEN + LOOK + CHANNELS, target="sandbox").sandbox_files

    assert (heard.sure - quiet.sure, heard.most - quiet.most) == (3000, 3000)


def test_the_connections_of_pools_are_open_files_of_each_load_process(demand):
    database = '[databases.shop]\ndsn = "sqlite:///shop.db"\npool = 25\n'
    without, pooled = demand(BASE + TEN + LOOK), demand(BASE + database + TEN + LOOK)
    assert pooled.open_files == without.open_files.plus(25)


def test_each_way_of_a_route_is_a_connection_beside_those_of_http(demand):
    route = '[routes.gate]\nvia = "http://127.0.0.1:5"\n'
    step = '[[workflows.visit]]\nname = "{}"\nhttp = "GET /{}"\nroutes = "gate"\n'
    both_ways = TEN + route + step.format("a", "a") + step.format("b", "b")

    assert demand(BASE + both_ways).open_files == both(64 + 10 * 2)
    assert demand(BASE + both_ways + LOOK).open_files == both(64 + 10 * 3)
    assert demand(BASE + both_ways + LOOK).connections == 20

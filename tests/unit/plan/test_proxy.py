"""`proxy` of `[http]` and of targets: which of them holds for whom."""

from __future__ import annotations

import pickle

import pytest

from wedload.plan.proxy import Proxy, proxy_of
from wedload.plan.schema import plan_schema
from wedload.plan.secrets.environment import missing_env

OF_ALL = 'proxy = "http://${env.WEDLOAD_PROXY_HOST}:3128"'
OWN = 'proxy = "http://127.0.0.1:3129"'


@pytest.fixture
def plan(load, valid):
    """The small plan on aiohttp; what `[http]` and its target say of a proxy."""

    def make(of_all: str, of_target: str):
        text = valid.replace("sandbox = true", f"sandbox = true\n{of_target}")
        return load(f'{text}[http]\nclient = "aiohttp"\n{of_all}\n')

    return make


@pytest.mark.parametrize(
    ("of_all", "of_target", "found"),
    [
        ("", "", None),
        ("", "proxy = false", None),
        ("proxy = false", "", None),
        ("proxy = false", "proxy = false", None),
        (OF_ALL, "", Proxy("there", 3128)),
        (OF_ALL, "proxy = false", None),
        (OF_ALL, OWN, Proxy("127.0.0.1", 3129)),
        ("proxy = false", OWN, Proxy("127.0.0.1", 3129)),
    ],
)
def test_what_the_target_says_comes_first(plan, of_all, of_target, found):
    # as load processes get it
    travelled = pickle.loads(pickle.dumps(plan(of_all, of_target).plan))

    assert proxy_of(travelled, "sandbox", {"WEDLOAD_PROXY_HOST": "there"}) == found


@pytest.mark.parametrize(
    ("of_target", "told"),
    [
        ("", ["http.proxy: the environment variable WEDLOAD_PROXY_HOST is not set"]),
        ("proxy = false", []),
        (OWN, []),
    ],
)
def test_a_proxy_that_a_run_does_not_use_needs_no_environment(plan, of_target, told):
    problems = missing_env(plan(OF_ALL, of_target), {}, target="sandbox")

    assert [problem.message for problem in problems] == told


def test_no_proxy_is_what_the_wire_client_knows(load, valid):
    text = valid.replace("sandbox = true", "sandbox = true\nproxy = false")

    assert load(f"{text}[http]\nproxy = false\n").plan.http.client == "wire"


@pytest.mark.parametrize("table", ["Target", "HttpDefaults"])
def test_editors_are_told_of_an_address_or_false(table):
    proxy = plan_schema()["$defs"][table]["properties"]["proxy"]

    assert proxy["oneOf"] == [{"type": "string"}, {"const": False}]

"""Where what is sent of a run may go: nowhere that nobody has named, and to some places never."""

from __future__ import annotations

import re

import pytest

from tests.helpers.plans import SMALLEST
from wedload.errors import UsageError
from wedload.plan.loader import parse_plan
from wedload.plan.secrets.vault import Vault
from wedload.run.endpoints import Endpoints
from wedload.safety.target_guard import guard_of
from wedload.workload.compile_plan import Settings

ELSEWHERE = "192.0.2.7"  # of no network: RFC 5737
METADATA = "169.254.169.254"
PATH = ("prometheus", "remote_write")
LINE = SMALLEST.count("\n") + 3


async def endpoint(tmp_path, url, *named, env=None):
    plan = f"\n[monitoring]\nprometheus.remote_write = '{url}'\nallow_hosts = {list(named)!r}\n"
    loaded = parse_plan(SMALLEST + plan, file="plan.toml", base=tmp_path)
    settings = Settings("sandbox", "", env=Vault(env or {}))
    guard = guard_of(loaded.plan.targets["sandbox"], settings.permits)
    found = Endpoints(loaded, settings, guard)
    return await found.endpoint(PATH, loaded.plan.monitoring.prometheus.remote_write)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9090/push", "http://localhost:9090/push", "http://[::1]:9090/push"]
)
async def test_this_machine_needs_no_name(tmp_path, url):
    made = await endpoint(tmp_path, url)
    assert made.shown == url.removesuffix("/push")


async def test_a_host_that_nobody_has_named_gets_nothing(tmp_path):
    said = re.escape(f"plan.toml:{LINE}: prometheus.remote_write: {ELSEWHERE}")
    with pytest.raises(UsageError, match=f"^{said}") as caught:
        await endpoint(tmp_path, f"http://{ELSEWHERE}/secret")
    assert "[monitoring] allow_hosts" in caught.value.hint
    assert "secret" not in caught.value.message


async def test_a_host_that_is_named_needs_no_proof(tmp_path):
    made = await endpoint(tmp_path, f"https://{ELSEWHERE}/secret?token=1", ELSEWHERE)
    assert made.shown == f"https://{ELSEWHERE}"


async def test_what_is_refused_always_is_refused_however_it_is_named(tmp_path):
    with pytest.raises(UsageError, match=f"{METADATA} .*no load ever goes there"):
        await endpoint(tmp_path, f"http://{METADATA}/", METADATA)


async def test_an_address_is_made_of_the_environment_and_shown_without_what_is_secret(tmp_path):
    env = {"WEDLOAD_PUSH": "http://127.0.0.1:9/t0ken"}
    made = await endpoint(tmp_path, "${env.WEDLOAD_PUSH}", env=env)
    assert made.shown == "http://127.0.0.1:9"


@pytest.mark.parametrize("made_of", ["ftp://127.0.0.1/x", "nothing"])
async def test_what_makes_no_address_is_said_with_its_place(tmp_path, made_of):
    with pytest.raises(UsageError, match=f"^plan.toml:{LINE}: prometheus.remote_write") as caught:
        await endpoint(tmp_path, "${env.WEDLOAD_PUSH}", env={"WEDLOAD_PUSH": made_of})
    assert made_of not in str(caught.value)

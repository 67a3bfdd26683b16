"""What the sandbox is told of third parties, and where in a plan their mistakes are said to be."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest

from wedload.errors import PartyError, UsageError
from wedload.fleet.party_messages import PartiesOpened
from wedload.plan.loader import load_plan
from wedload.run import third_parties
from wedload.run.audience import Audience
from wedload.run.opening import party_places
from wedload.run.third_parties import ThirdParties
from wedload.safety.target_guard import LOOPBACK_ONLY
from wedload.workload.compile_plan import Settings

HEAD = """\
schema = 1
name = "bookings"
[targets.sandbox]
sandbox = true
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "1s"
workflow = "look"
[[workflows.look]]
http = "GET /"
"""
SETTINGS = Settings("sandbox", "")


class Told:
    def __init__(self):
        self.notices = []

    def notice(self, text):
        self.notices.append(text)

    def tick(self, view):
        raise AssertionError(view)

    def close(self):
        pass


class Process:
    """The process of third parties, as far as opening goes: where each is, by its number."""

    failure = None

    @classmethod
    async def start(cls):
        return cls()

    async def open(self, plan, **_):
        if self.failure is not None:
            raise self.failure
        places = [
            {name: {"url": f"http://127.0.0.1:{port + at}", "address": f"127.0.0.1:{port + at}"}
             for at, name in enumerate(named)}
            for port, named in ((8100, plan.dependencies), (8200, plan.proxies))
        ]  # fmt: skip
        return PartiesOpened(*places)

    async def stop(self):
        pass


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """Third parties of a plan, opened as far as their process would open them."""

    async def make(more: str, failure=None):
        monkeypatch.setattr(third_parties, "ThirdPartiesProcess", Process)
        monkeypatch.setattr(Process, "failure", failure)
        file = tmp_path / "plan.toml"
        file.write_text(HEAD + more)
        loaded = load_plan(file)
        redact = lambda text: text.replace("s3cret", "***")  # noqa: E731 - as short as that
        one = ThirdParties(loaded.plan, Audience(Told()), redact, party_places(loaded))
        async with AsyncExitStack() as stack:
            settings = await one.open(stack, LOOPBACK_ONLY, SETTINGS)
        return one, settings

    return make


def dependency(name: str, simulate: str, more: str = "") -> str:
    return f'[dependencies.{name}]\nsimulate = "{simulate}"\n{more}\n'


async def test_the_sandbox_is_told_the_first_of_each_kind(opened):
    parties, _ = await opened(
        dependency("mail", "email", 'provider = "postmark"') + dependency("mail2", "email")
        + dependency("google", "google-calendar") + dependency("google2", "google-calendar")
    )  # fmt: skip
    assert parties.sandbox_arguments() == [
        "--calendar-url", "http://127.0.0.1:8102",
        "--email-url", "http://127.0.0.1:8100", "--email-provider", "postmark",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("listens", "told"),
    [("0.0.0.0:81", "127.0.0.1:81"), ("[::]:81", "[::1]:81"), ("10.0.0.5:81", "10.0.0.5:81")],
)
async def test_the_sandbox_finds_on_loopback_what_listens_everywhere(opened, listens, told):
    parties, _ = await opened(dependency("google", "google-calendar"))
    parties._told["google"]["url"] = f"http://{listens}"

    assert parties.sandbox_arguments() == ["--calendar-url", f"http://{told}"]


async def test_one_that_is_called_as_the_sandbox_calls_it_is_preferred(opened):
    parties, _ = await opened(
        dependency("google", "google-calendar") + dependency("calendar", "google-calendar")
    )
    assert parties.sandbox_arguments() == ["--calendar-url", "http://127.0.0.1:8101"]


async def test_the_sandbox_is_told_nothing_of_a_plan_that_has_none(opened):
    parties, settings = await opened("")
    assert not parties.played
    assert parties.sandbox_arguments() == []
    assert parties.sandbox_environment() == {}
    assert settings is SETTINGS
    assert parties.before_sandbox("http://127.0.0.1:9") == "http://127.0.0.1:9"


async def test_plans_read_where_they_are_and_load_goes_through_a_proxy_before_the_sandbox(opened):
    parties, settings = await opened(
        dependency("pay", "email") + '[proxies.db]\nupstream = "127.0.0.1:5432"\n'
        '[proxies.front]\nupstream = "sandbox"\n'
    )
    assert settings.addresses["dependencies"]["pay"]["url"] == "http://127.0.0.1:8100"
    assert settings.addresses["proxies"]["db"]["address"] == "127.0.0.1:8200"
    assert parties.before_sandbox("http://127.0.0.1:9") == "http://127.0.0.1:8201"


async def test_only_a_plan_with_faults_in_the_sandbox_gives_it_a_token(opened):
    fault = '[[faults]]\nname = "slow"\non = "{}"\nat = "0s"\nfor = "1s"\nlatency = "1ms"\n'
    parties, _ = await opened(dependency("pay", "email") + fault.format("pay"))
    assert parties.sandbox_environment() == {}
    parties, _ = await opened(fault.format("sandbox.database"))
    assert list(parties.sandbox_environment()) == ["WEDLOAD_SANDBOX_TOKEN"]
    assert not parties.played


async def test_what_cannot_be_opened_is_told_with_its_place_and_without_secrets(opened):
    failure = PartyError("dependency pay: cannot listen for s3cret", "s3cret")
    with pytest.raises(PartyError) as refused:
        await opened(dependency("pay", "email"), failure)
    assert refused.value.message.endswith("plan.toml:12: dependency pay: cannot listen for ***")
    assert refused.value.hint == "***"


async def test_a_proxy_to_elsewhere_ends_a_run_before_anything_is_opened(opened):
    with pytest.raises(UsageError, match="not on loopback"):
        await opened('[proxies.db]\nupstream = "93.184.216.34:5432"\n')

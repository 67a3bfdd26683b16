"""Third parties and proxies, explained before a run."""

from __future__ import annotations

import pytest

from tests.helpers.tables import LONG, widths
from tests.helpers.third_party_plans import WITH_THIRD_PARTIES
from wedload.plan.loader import load_plan
from wedload.report.explain import explain
from wedload.report.explain_third_parties import listens
from wedload.workload.compile_plan import Settings, compile_workload

SHOP = """\
[dependencies.shop]
simulate = "http"
[[dependencies.shop.routes]]
http = "GET /"
"""


@pytest.fixture
def explained(tmp_path, console):
    """What is said about a plan, as one line of words; no line of it is wider than 80 columns."""

    def of(text):
        (tmp_path / "plan.toml").write_text(text)
        loaded = load_plan(tmp_path / "plan.toml")
        workload = compile_workload(loaded.plan, Settings("sandbox", "http://127.0.0.1:8000"))
        explain(loaded, workload, "sandbox", console)
        said = console.export_text()
        assert max(widths(said)) <= 80
        return " ".join(said.split())

    return of


def test_each_third_party_is_told_with_how_it_behaves(explained):
    said = explained(WITH_THIRD_PARTIES)

    assert "third party simulates calendar google-calendar on 127.0.0.1, any free port" in said
    assert (
        "answers half within 120ms, 99 % within 900ms; 1 % fail with 503 allows 600 requests "
        "within 1m and 10 requests within 1s of each user; what is over it gets 429 an operation "
        "is to have 3 attempts at most, 100ms between attempts at least, 2s for all of them at "
        "most each request is written to calendar.jsonl mail email, as postmark"
    ) in said
    assert "answers at once; 2 % fail with 429 and Retry-After 2s pay http" in said
    assert "pay http on 127.0.0.1, port 8810 answers at once; 1 endpoint proxy" in said


def test_a_policy_says_what_it_has(explained):
    whole = 'policy = { attempts = 3, gap = "100ms", within = "2s" }'

    said = explained(WITH_THIRD_PARTIES.replace(whole, 'policy = { gap = "100ms" }'))

    assert "an operation is to have 100ms between attempts at least each request" in said


def test_each_proxy_is_told_with_what_is_behind_it(explained):
    said = explained(WITH_THIRD_PARTIES + '[proxies.all]\nupstream = "sandbox"\n')

    assert (
        "proxy before listens db 127.0.0.1:5432 127.0.0.1, port 8811 slow-mail third party mail "
        "127.0.0.1, any free port all the sandbox 127.0.0.1, any free port"
    ) in said


@pytest.mark.parametrize(
    ("more", "untold"),
    [
        ("", []),
        ('[dependencies.sms]\nsimulate = "email"\n', []),  # the sandbox is told by itself
        (SHOP, ["dependencies.shop.url"]),
        (SHOP + '[proxies.a]\nupstream = "dependency:shop"\n', ["dependencies.shop.url"]),
        (SHOP + '[proxies.a]\nupstream = "dependency:shop"\nlisten = "127.0.0.1:8812"\n', []),
        (SHOP + '[[setup]]\nhttp = "PUT /?${dependencies.shop.url}"\n', []),
        ('[proxies.a]\nupstream = "127.0.0.1:6379"\n', ["proxies.a.address"]),
        ('[proxies.a]\nupstream = "sandbox"\n', []),
    ],
)
def test_what_nobody_can_find_is_told_as_such(explained, more, untold):
    said = explained(WITH_THIRD_PARTIES + more)

    assert said.count("nobody is told where it is") == len(untold)
    assert all(f"have a step read ${{{address}}}" in said for address in untold)


def test_no_other_target_is_told_by_itself(tmp_path, console):
    text = WITH_THIRD_PARTIES + '[targets.there]\nbase_url = "http://127.0.0.1:8000"\n'
    (tmp_path / "plan.toml").write_text(text)
    loaded = load_plan(tmp_path / "plan.toml")
    workload = compile_workload(loaded.plan, Settings("there", "http://127.0.0.1:8000"))

    explain(loaded, workload, "there", console)

    said = " ".join(console.export_text().split())
    assert said.count("nobody is told where it is") == 1
    assert "have a step read ${dependencies.mail.url}" in said


def test_long_names_stay_within_eighty_columns(explained):
    name = LONG.replace(" ", "-").replace(",", "")
    more = f'[dependencies.{name}]\nsimulate = "email"\n'
    more += f'[proxies.p{name}]\nupstream = "dependency:{name}"\n'

    assert name[:20] in explained(WITH_THIRD_PARTIES + more)


def test_a_plan_without_third_parties_says_nothing_of_them(explained):
    said = explained(WITH_THIRD_PARTIES[: WITH_THIRD_PARTIES.index("[[setup]]")] + VISIT)

    assert "third party simulates" not in said
    assert "faults" not in said
    assert "proxy before" not in said


VISIT = '[[workflows.visit]]\nhttp = "GET /"\n'


@pytest.mark.parametrize(
    ("listen", "words"),
    [("127.0.0.1:0", "127.0.0.1, any free port"), ("[::1]:8443", "[::1], port 8443")],
)
def test_where_something_listens_is_said_in_words(listen, words):
    assert listens(listen) == words

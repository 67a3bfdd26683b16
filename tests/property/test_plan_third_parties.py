"""Whatever is said of third parties and faults: it is loaded, or refused in plain words."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers.third_party_plans import WITH_THIRD_PARTIES
from wedload.errors import PlanError
from wedload.plan.checks.fault_times import same_kind
from wedload.plan.loader import parse_plan

SETTINGS = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
PLACES = """
dependencies dependencies.calendar dependencies.calendar.simulate dependencies.calendar.latency
dependencies.calendar.quota dependencies.calendar.user_quota dependencies.calendar.quota_status
dependencies.calendar.retry_after dependencies.calendar.errors dependencies.calendar.errors.ratio
dependencies.calendar.errors.status dependencies.calendar.errors.retry_after
dependencies.calendar.policy dependencies.calendar.policy.attempts dependencies.calendar.policy.gap
dependencies.calendar.log dependencies.calendar.listen dependencies.calendar.routes
dependencies.mail dependencies.mail.provider dependencies.mail.operation dependencies.mail.errors
dependencies.pay.simulate dependencies.pay.routes dependencies.pay.routes[0]
dependencies.pay.routes[0].http dependencies.pay.routes[0].status dependencies.pay.routes[0].json
dependencies.pay.routes[0].headers dependencies.pay.routes[0].latency proxies proxies.db
proxies.db.upstream proxies.db.listen proxies.slow-mail proxies.slow-mail.upstream faults faults[0]
faults[0].name faults[0].on faults[0].at faults[0].for faults[0].down faults[0].latency
faults[0].status faults[1].on faults[1].on[0] faults[1].latency faults[1].jitter faults[1].at
faults[1].for faults[1].retry_after faults[1].empty faults[2].slicer faults[2].slicer.size
faults[2].slicer.vary faults[2].toxicity faults[2].direction faults[2].reset faults[2].timeout
faults[2].malformed faults[2].limit_data faults[2].slow_close targets targets.sandbox.sandbox
scenarios scenarios.main.duration setup[0].json.calendar
"""
LITERALS = """
1 0 -1 0.5 2 404 503 1000 true false "" "x" "mail" "calendar" "db" "none" "sandbox" "sandbox.api"
"sandbox.x" "dependency:mail" "dependency:x" "127.0.0.1:5432" "127.0.0.1:8811" "10.0.0.1:1"
":" "a:b"
"5s" "0s" "1m" "10m" "100ms" "1kB" "0B" "1kB/s" "600/1m" "0/s" "http" "email" "google-calendar"
"json.id" "status" "vu" "${json.a}" "${vu}" "${env.WEDLOAD_A}" "${dependencies.x.url}"
"${proxies.db}"
"GET_/a/*" "GET_/a*" "up" "both" "chunk" "postmark" "../x" "/x" [] {} [1] [[]] [{}] ["mail"]
["mail","mail"] ["sandbox.api","x"] {ratio=0.5} {ratio=0} {ratio="x"} [{ratio=0.5},{ratio=0.6}]
[{ratio=1},{}] {size="1B"} {size="1B",vary="2B"} {attempts=0} [{http="GET_/"}] [{http=1},{status=1}]
{name="a",on="mail",at="1m",for="1m",down=true} [{name="a",on="mail",at="1m",for="1m",down=true}]
{simulate="email"} {simulate="http"} {simulate="http",routes=[{http="GET_/"}]} {upstream="sandbox"}
"""
VALUES = st.one_of(
    st.sampled_from(LITERALS.split()).map(lambda text: text.replace("GET_/", "GET /")),
    st.text(max_size=6).map(lambda text: f"'{text}'"),
)
OVERRIDES = st.lists(st.builds("{}={}".format, st.sampled_from(PLACES.split()), VALUES), max_size=4)
UNWANTED = re.compile(r"Input should|Value error|Field required|[Pp]ydantic|for_|Traceback")


def problems_of(text: str, overrides: list[str]) -> list[str]:
    try:
        parse_plan(text, file="plan.toml", base=Path(), overrides=overrides)
    except PlanError as error:
        return [str(problem) for problem in error.problems]
    return []


@SETTINGS
@given(OVERRIDES)
def test_any_values_are_loaded_or_refused_in_plain_words(overrides):
    for problem in problems_of(WITH_THIRD_PARTIES, overrides):
        assert UNWANTED.search(problem) is None


@SETTINGS
@given(st.data())
def test_a_plan_without_some_of_its_lines_is_loaded_or_refused_in_plain_words(data):
    lines = WITH_THIRD_PARTIES.splitlines(keepends=True)
    gone = data.draw(st.sets(st.integers(9, len(lines) - 1), max_size=6))
    text = "".join(line for number, line in enumerate(lines) if number not in gone)

    for problem in problems_of(text, []):
        assert UNWANTED.search(problem) is None


KINDS = st.sampled_from(
    ["down = true", 'latency = "1s"', "status = 503", 'reset = "1s"', 'bandwidth = "1kB/s"']
)
FAULTS = st.lists(
    st.tuples(
        st.sampled_from(["calendar", "mail"]),
        st.integers(0, 5),
        st.integers(1, 5),
        KINDS,
        st.sampled_from(["up", "down", "both"]),
    ),
    max_size=5,
)


@SETTINGS
@given(FAULTS)
def test_faults_are_refused_if_and_only_if_two_would_do_the_same_at_once(faults):
    plan = WITH_THIRD_PARTIES[: WITH_THIRD_PARTIES.index("[[faults]]")]
    of_bytes = ("latency", "reset", "bandwidth")
    for number, (on, at, lasts, kind, direction) in enumerate(faults):
        plan += f'[[faults]]\nname = "{number}"\non = "{on}"\nat = "{at}s"\nfor = "{lasts}s"\n'
        plan += f"{kind}\n"
        plan += f'direction = "{direction}"\n' if kind.startswith(of_bytes) else ""

    def meet(one, other) -> bool:
        (on, at, lasts, kind, way), (on_other, at_other, lasts_other, kind_other, way_other) = (
            one,
            other,
        )
        seconds = set(range(at, at + lasts)) & set(range(at_other, at_other + lasts_other))
        apart = kind.startswith(of_bytes) and {way, way_other} == {"up", "down"}
        return on == on_other and kind == kind_other and bool(seconds) and not apart

    expected = any(meet(one, other) for index, one in enumerate(faults) for other in faults[:index])
    found = problems_of(plan, [])

    assert bool(found) == expected
    assert all("is set by the fault" in problem for problem in found)


def test_a_fault_does_the_same_as_itself():
    faults = parse_plan(WITH_THIRD_PARTIES, file="plan.toml", base=Path()).plan.faults

    assert [same_kind(one, one) for one in faults] == ["down", "latency", "bandwidth"]

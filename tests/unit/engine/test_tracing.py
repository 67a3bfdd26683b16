"""Which requests are traced (`engine/tracing.py`), in virtual time."""

from __future__ import annotations

import re
from collections import Counter
from math import sqrt

import pytest

from wedload.engine.tracing import NEVER, Tracer
from wedload.safety.redactor import KNOWN
from wedload.workload.trace_ids import read_trace_id, run_tag, sender_of

RUN = "20261127-045005-ab12"
TRACEPARENT = re.compile(r"traceparent: 00-([0-9a-f]{32})-([0-9a-f]{16})-01\r\n")
#: the 99.9 % quantile of chi-square with 3 degrees of freedom (any table of it)
CHI_SQUARE_3 = 16.27
FOUR_STEPS = "".join(
    f'[[workflows.visit]]\nname = "{name}"\nhttp = "GET /{name}"\n' for name in "abcd"
)


@pytest.fixture
def traced(play, one_user):
    """Play a plan that traces a share, and what each request said: its trace id, or None."""

    def run(steps, answers, share="100%", more="", **settings):
        plan = one_user(steps) + f'\n[tracing]\nshare = "{share}"\n{more}'
        done = play(plan, answers, run_id=RUN, spans="http://127.0.0.1:4318", **settings)
        found = []
        for exchange in done.network.exchanges:
            lines = exchange.lines.decode()
            match = TRACEPARENT.search(lines)
            assert (match is None) == ("-01\r\n" not in lines)
            found.append(None if match is None else bytes.fromhex(match[1]))
            if match is not None:
                assert bytes.fromhex(match[2]) == sender_of(found[-1])
        return done, found

    return run


def gaps(share: float, requests: int, seed: int = 1) -> list[int]:
    """Numbers of the traced ones among so many requests."""
    tracer = Tracer(share, RUN, 0, seed)
    tracer.begin(0)
    numbers = []
    for number in range(requests):
        tracer.left -= 1
        if not tracer.left:
            tracer._draw()
            numbers.append(number)
    return numbers


@pytest.mark.parametrize("share", [0.001, 0.05, 0.5])
def test_the_share_that_is_traced_is_within_binomial_bounds(share):
    requests = 200_000
    spread = sqrt(requests * share * (1 - share))
    assert abs(len(gaps(share, requests)) - requests * share) < 4 * spread


def test_no_step_of_a_workflow_is_favoured():
    """A share of 5 % drawn by counting to 20 would always meet the same of four steps."""
    numbers = gaps(0.05, 200_000)
    expected = len(numbers) / 4
    steps = Counter(number % 4 for number in numbers)
    assert sum((count - expected) ** 2 / expected for count in steps.values()) < CHI_SQUARE_3


def test_all_are_traced_or_none():
    assert gaps(1.0, 50) == list(range(50))
    never = Tracer()
    never.begin(0)
    assert never.left == NEVER


def test_load_processes_draw_apart_and_a_seed_draws_the_same_again():
    assert gaps(0.05, 1_000, seed=1) == gaps(0.05, 1_000, seed=1) != gaps(0.05, 1_000, seed=2)
    first, second = (Tracer(0.05, RUN, worker, 1) for worker in (0, 1))
    for tracer in (first, second):
        tracer.begin(0)
    assert [first.left] != [second.left]


def test_an_id_says_of_which_step_stage_and_second_the_request_was(traced, answer):
    done, ids = traced(FOUR_STEPS, answer(1.0))
    catalogue = done.summary.catalogue
    marks = [read_trace_id(run_tag(RUN), one) for one in ids]
    assert [catalogue.series[mark.series].step for mark in marks] == list("abcd")
    assert [mark.second for mark in marks] == [0, 1, 2, 3]
    assert [mark.number for mark in marks] == [1, 2, 3, 4]
    assert done.count("traced_requests") == 4


def test_an_attempt_is_a_request_of_its_own(traced, answer):
    answers = iter([answer(0.1, 503), answer(0.1, 200)])
    steps = '[[workflows.visit]]\nhttp = "GET /"\nretry = { on = [503], base = "1s" }\n'
    done, ids = traced(steps, lambda _: next(answers))
    assert len(set(ids)) == 2
    assert done.count("traced_requests") == 2


def test_a_redirect_shares_the_trace_unless_it_leads_elsewhere(traced, answer):
    def handle(exchange):
        to = {"/": "/next", "/next": "http://127.0.0.2:9/other"}.get(exchange.path)
        return answer(0.1, 302 if to else 200, headers={"Location": to} if to else {})

    done, ids = traced('[[workflows.visit]]\nhttp = "GET /"\n', handle)
    assert done.network.lines == ["GET /", "GET /next", "GET /other"]
    assert ids[0] == ids[1] is not None
    assert ids[2] is None
    assert done.count("traced_requests") == 1


def test_what_runs_before_the_load_is_not_traced(traced, answer):
    setup = '[[setup]]\nname = "before"\nhttp = "GET /before"\n'
    done, ids = traced(FOUR_STEPS + setup, answer(0.1))
    seen = dict(zip(done.network.lines, ids, strict=True))
    assert seen.pop("GET /before", None) is None
    assert all(seen.values())


def test_a_header_of_the_plans_own_stays_and_counts_for_nothing(traced, answer):
    own = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
    steps = f'[[workflows.visit]]\nhttp = "GET /"\nheaders = {{ TraceParent = "{own}" }}\n'
    done, ids = traced(steps, answer(0.1))
    (exchange,) = done.network.exchanges
    assert exchange.lines.lower().count(b"traceparent") == 1
    assert ids == [None]
    assert done.count("traced_requests") == 0


def test_nothing_is_traced_where_nobody_receives_spans(play, one_user, answer):
    done = play(one_user(FOUR_STEPS) + '\n[tracing]\nshare = "100%"\n', answer(0.1))
    assert not any(b"traceparent" in exchange.lines for exchange in done.network.exchanges)


def test_what_traced_responses_say_of_their_time_is_added_up(traced, answer):
    said = answer(0.1, headers=(("Server-Timing", "db;dur=2.5"), ("server-timing", "app;dur=1")))
    done, _ = traced(FOUR_STEPS, said)
    assert done.outcomes("server_timing") == {"db": 4, "app": 4}
    assert done.outcomes("server_timing_ns") == {"db": 10_000_000, "app": 4_000_000}


def test_names_beyond_the_most_are_one(traced, answer):
    many = [f"n{number};dur=1" for number in range(60)]
    said = iter(answer(0.1, headers={"Server-Timing": ",".join(many[at::4])}) for at in range(4))
    done, _ = traced(FOUR_STEPS, lambda _: next(said))
    found = done.outcomes("server_timing")
    assert len(found) == 51
    assert found["other"] == 10


def test_it_is_not_read_where_the_plan_does_not_want_it(traced, answer):
    said = answer(0.1, headers={"Server-Timing": "db;dur=2.5"})
    done, _ = traced(FOUR_STEPS, said, more="server_timing = false\n")
    assert done.count("traced_requests") == 4
    assert not done.outcomes("server_timing")


def test_names_of_entries_have_no_secrets_in_them(traced, answer):
    KNOWN.learn(["s3cr3t-token"])
    said = answer(0.1, headers={"Server-Timing": "for-s3cr3t-token;dur=1"})
    done, _ = traced(FOUR_STEPS, said)
    (name,) = done.outcomes("server_timing")
    assert name.startswith("for-")
    assert "s3cr3t" not in name

"""`batch` steps in virtual time: who waits for whom, and what is recorded."""

from __future__ import annotations

from collections import Counter

import pytest

from wedload.units import NS_PER_MS, NS_PER_S

BEGINNING = "[[workflows.visit]]\n"


def batch(*requests: str, more: str = "") -> str:
    return f"{BEGINNING}{more}batch = [{', '.join(requests)}]\n"


def get(path: str, more: str = "") -> str:
    return f'{{ name = "{path}", http = "GET /{path}"{more} }}'


def by_path(answers):
    return lambda seen: answers[seen.path[1:]]


def test_a_failure_in_a_batch_ends_the_iteration_if_the_batch_says_so(play, one_user, answer):
    steps = batch(get("a"), get("b"), more='on_failure = "end-iteration"\n') + (
        '[[workflows.visit]]\nname = "after"\nhttp = "GET /after"\n'
    )
    run = play(one_user(steps), answer(0.1, status=500))
    assert sorted(run.network.lines) == ["GET /a", "GET /b"]


def test_requests_begin_together_and_the_step_ends_with_the_slowest(play, one_user, answer):
    steps = batch(get("a"), get("b"), get("c"), more='group = "page"\n') + (
        f'{BEGINNING}http = "GET /next"\n'
    )
    answers = {"a": answer(0.1), "b": answer(0.5), "c": answer(0.2), "next": answer(0.1)}
    run = play(one_user(steps), by_path(answers))
    starts = {exchange.path: exchange.started_s for exchange in run.network.exchanges}
    assert starts == {"/a": 0, "/b": 0, "/c": 0, "/next": pytest.approx(0.5)}
    assert run.trend("group_duration").sum_ns == 500 * NS_PER_MS
    assert run.trend("http_req_duration", step="b").sum_ns == 500 * NS_PER_MS
    assert run.outcomes("http_reqs") == {"ok": 4}
    clients = Counter(exchange.vu for exchange in run.network.exchanges)
    assert set(clients.values()) == {1}  # each on a connection of its own


def test_at_most_six_requests_are_on_the_way_to_a_host(play, one_user, answer):
    requests = [get(f"r{number}") for number in range(14)]
    run = play(one_user(batch(*requests)), answer(0.1))
    assert Counter(round(e.started_s, 1) for e in run.network.exchanges) == {0: 6, 0.1: 6, 0.2: 2}
    assert len(run.network.clients) == 7  # those six, and the virtual user's own


def test_lanes_are_used_again_and_closed_in_the_end(play, one_user, answer):
    plan = one_user(batch(get("a"), get("b"))).replace(
        'duration = "1s"\npace = "100s"', 'duration = "25s"\npace = "10s"'
    )
    run = play(plan, answer(0.1))
    assert len(run.network.exchanges) == 6
    assert len(run.network.clients) == 3
    assert all(client.closed for client in run.network.clients)


def test_each_request_has_its_checks_captures_and_tags(play, one_user, answer):
    steps = batch(
        get("a", ', check = ["json.n == 1"], capture = { x = "json.n" }'),
        get("b", ', check = { "is two" = "json.n == 2" }, capture = { y = "json.n" }'),
        get("c", ', check = ["json.n == 9"], tags = { own = "yes" }'),
        more='tags = { page = "home" }\n',
    )
    answers = {name: answer(0.1, json={"n": n}) for n, name in enumerate("abc", 1)}
    # those that were asked first answer last: nobody may see the other's response
    for n, one in enumerate(answers.values()):
        one.after_s = 0.3 - n / 10
    answers["1-2"] = answer(0.1)
    run = play(one_user(steps + f'{BEGINNING}http = "GET /${{x}}-${{y}}"\n'), by_path(answers))
    assert run.network.lines[-1] == "GET /1-2"
    assert run.outcomes("checks", step="a") == {"pass": 1}
    assert run.outcomes("checks", check="is two") == {"pass": 1}
    assert run.outcomes("checks", step="c", own="yes", page="home") == {"fail": 1}
    assert run.count("http_reqs", page="home") == 3


def test_a_request_that_fails_does_not_end_the_others(play, one_user, answer):
    steps = batch(get("a", ', on_failure = "end-iteration"'), get("b"), get("c")) + (
        f'{BEGINNING}http = "GET /next"\n'
    )
    answers = {"a": answer(0.1, 500), "b": answer(0.2), "c": answer(0.3, outcome="reset")}
    run = play(one_user(steps), by_path(answers))
    assert run.outcomes("http_reqs") == {"status": 1, "ok": 1, "reset": 1}
    assert run.outcomes("iterations") == {"failed": 1}
    assert run.trend("workflow_duration").count == 0  # the iteration ended behind the batch


def test_a_failed_request_of_a_batch_fails_the_workflow(play, one_user, answer):
    run = play(
        one_user(batch(get("a"), get("b"))), by_path({"a": answer(0.1, 500), "b": answer(0.1)})
    )
    assert run.outcomes("iterations") == {"failed": 1}


def test_who_acts_signs_in_once_and_before_the_batch(play, one_user, answer):
    couple = '[identities.couple]\nhttp = "POST /sign-in"\nheaders = { X-As = "couple" }\n'
    acting = ', as = "couple"'
    run = play(
        one_user(batch(get("a", acting), get("b", acting), get("c")), before=couple), answer(0.1)
    )
    assert run.network.lines[0] == "POST /sign-in"
    assert Counter(run.network.lines) == Counter(["POST /sign-in", "GET /a", "GET /b", "GET /c"])
    assert [e.started_s for e in run.network.exchanges] == pytest.approx([0, 0.1, 0.1, 0.1])


def test_a_batch_runs_only_when_its_condition_holds(play, one_user, answer):
    steps = batch(get("a"), more='when = "vu == 2"\n') + batch(get("b"), more='when = "vu == 1"\n')
    assert play(one_user(steps), answer(0.1)).network.lines == ["GET /b"]


def test_a_batch_that_is_cut_off_leaves_nothing_behind(play, one_user, answer):
    plan = one_user(batch(get("a"), get("b"))).replace(
        "workflow =", 'graceful_stop = "2s"\nworkflow ='
    )
    run = play(plan, answer(60))
    assert run.load_ended_s == pytest.approx(3)
    assert run.network.finished == []
    assert run.count("interrupted_iterations") == 1
    assert [run.trend("http_req_interrupted", step=one).max_ns for one in ("a", "b")] == [
        pytest.approx(3 * NS_PER_S)
    ] * 2
    assert all(client.closed for client in run.network.clients)


def test_a_defect_in_one_request_is_not_hidden(play, one_user, answer):
    with pytest.raises(ZeroDivisionError):
        play(
            one_user(batch(get("a"), get("b"))),
            by_path({"a": answer(0.1), "b": answer(raises=ZeroDivisionError())}),
        )

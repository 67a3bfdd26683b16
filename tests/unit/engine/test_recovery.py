"""Deleting what a journal names, in virtual time: as whom, in which order, and what fails."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.helpers.journals import Kept, create
from wedload.safety.journal.account import Account, RunHead, SignIn, Undo
from wedload.workload.request import Origin, Request

ORIGIN = Origin("http", "127.0.0.1", 8000)
HEAD = RunHead("r", "0", "p.toml", "", "/", (), "here", "", 0, "", 1)
PLAN = """
[identities.couple]
http = "POST /sign-in"
json = { email = "${synthetic.email()}" }
capture = { token = "json.token" }
headers = { Authorization = "Bearer ${token}", X-Of = "${region}-${vu}-${iteration}-${data.who.n}" }
[identities.clerk]
headers = { X-Clerk = "${region}" }
[data.who]
file = "who.csv"
[variables]
region = "not this one"
"""
VISIT = '[[workflows.visit]]\nhttp = "GET /"\n'


def request(method: str, target: str, body: bytes | None = None) -> Request:
    return Request(ORIGIN, method, target.encode(), b"X-Own: 1\r\n", body)


def undo(number: int, who: int | None = None) -> Undo:
    signed_in = None if who is None else ("load-0", who)
    return Undo(("load-0", number), request("DELETE", f"/forms/{number}"), signed_in)


def couple(number: int) -> SignIn:
    body = b'{"email":"%d@example.com"}' % number
    return SignIn(
        "couple", "main", request("POST", "/sign-in", body), {"region": "eu"}, vu=number,
        iteration=3, rows={"who": 1},
    )  # fmt: skip


def account(*undos: Undo, sign_ins: dict[int, SignIn] | None = None) -> Account:
    keyed = {("load-0", number): one for number, one in (sign_ins or {}).items()}
    return Account(HEAD, undos, keyed, created=len(undos))


@pytest.fixture
def recover(stage, one_user, tmp_path):
    """What becomes of an account: the run, its count, and what its journal has as gone."""
    (tmp_path / "who.csv").write_text("n\nzero\none\n")

    def run(said: Account, answers):
        kept = Kept(str(tmp_path / "journal"))
        before = kept.load()
        for number in range(1, 31):  # so that there is somebody to be told
            create(before, f"/forms/{number}")
        before.close()
        own = kept.load()
        one = stage.set(one_user(VISIT, PLAN), answers, journal=own)
        count = one.clock.run(one.engine.recover(said, lambda _: None))
        own.close()
        left = {undo.key[1] for undo in kept.account().undos}
        return one, count, sorted({*range(1, 31)} - left)

    return run


def platform(answer):
    """Gives each who signs in a token of its own, and deletes for whoever shows one."""

    def answers(seen):
        if seen.request.method == "POST":
            number = seen.request.body.split(b'"')[3].partition(b"@")[0].decode()
            return answer(json={"token": f"of-{number}"})
        return answer(status=204)

    return answers


def test_last_created_is_deleted_first_by_whoever_created_it(recover, answer):
    said = account(
        undo(9, 1), undo(4), undo(2, 2), undo(1, 1), sign_ins={1: couple(1), 2: couple(2)}
    )
    run, count, gone = recover(said, platform(answer))

    assert (count.created, count.deleted, count.leaked) == (4, 4, 0)
    assert gone == [1, 2, 4, 9]
    deletions = {
        one.path: one.lines for one in run.network.exchanges if one.request.method == "DELETE"
    }
    assert b"Authorization: Bearer of-1\r\n" in deletions["/forms/9"]
    assert b"Authorization: Bearer of-1\r\n" in deletions["/forms/1"]
    assert b"Authorization: Bearer of-2\r\n" in deletions["/forms/2"]
    assert b"Authorization" not in deletions["/forms/4"]


def test_each_signs_in_once_and_reads_what_it_read_then(recover, answer):
    said = account(*(undo(n, 1) for n in range(1, 31)), sign_ins={1: couple(1)})
    run, count, _ = recover(said, platform(answer))

    assert run.network.lines.count("POST /sign-in") == 1
    assert count.deleted == 30
    (lines,) = {one.lines for one in run.network.exchanges if one.request.method == "DELETE"}
    assert b"X-Of: eu-1-3-one\r\n" in lines


def test_who_signs_in_by_headers_alone_shows_them(recover, answer):
    said = account(undo(1, 7), sign_ins={7: SignIn("clerk", "main", None, {"region": "eu"})})
    run, count, _ = recover(said, platform(answer))

    assert run.network.lines == ["DELETE /forms/1"]
    assert b"X-Clerk: eu\r\n" in run.network.exchanges[0].lines
    assert count.deleted == 1


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_not_there_any_more_is_gone(recover, answer, status):
    _, count, gone = recover(account(undo(1)), lambda _: answer(status=status))

    assert (count.deleted, gone) == (1, [1])


def test_what_is_refused_is_left_and_says_why(recover, answer):
    _, count, gone = recover(
        account(undo(2), undo(1)),
        lambda seen: answer(status=403 if seen.path == "/forms/1" else 204),
    )

    assert (count.deleted, count.leaked, gone) == (1, 1, [2])
    assert count.reasons == {"status 403": 1}


def test_who_cannot_sign_in_leaves_what_is_theirs_and_is_asked_for_once(recover, answer):
    def answers(seen):
        return answer(status=403 if seen.request.method == "POST" else 204)

    said = account(undo(3, 1), undo(2), undo(1, 1), sign_ins={1: couple(1)})
    run, count, gone = recover(said, answers)

    assert (count.deleted, count.leaked, gone) == (1, 2, [2])
    assert count.reasons == {"signing in again as couple: status 403": 2}
    assert run.network.lines.count("POST /sign-in") == 1


def test_who_read_a_row_that_is_gone_leaves_what_is_theirs_and_nothing_else(recover, answer):
    theirs = replace(couple(1), rows={"who": 2})
    said = account(undo(2, 1), undo(1, 2), sign_ins={1: theirs, 2: couple(2)})
    _, count, gone = recover(said, platform(answer))

    assert (count.deleted, count.leaked, gone) == (1, 1, [1])
    assert count.reasons == {"signing in again as couple: data.who has no row 3 any more": 1}


def test_signing_in_that_is_refused_for_now_is_tried_again(recover, answer):
    refused = iter([{"status": 429, "headers": {"Retry-After": "2"}}, {"outcome": "reset"}])
    whole = platform(answer)

    def answers(seen):
        if seen.request.method == "POST" and (how := next(refused, None)) is not None:
            return answer(**how)
        return whole(seen)

    run, count, _ = recover(account(undo(1, 1), sign_ins={1: couple(1)}), answers)

    assert count.deleted == 1
    assert run.now_s > 2


def test_who_is_signed_out_meanwhile_signs_in_again_once(recover, answer):
    whole, refused = platform(answer), iter([True])

    def answers(seen):
        if seen.request.method == "DELETE" and next(refused, False):
            return answer(status=401)
        return whole(seen)

    run, count, _ = recover(account(undo(1, 1), sign_ins={1: couple(1)}), answers)

    assert (count.deleted, count.leaked) == (1, 0)
    assert run.network.lines == ["POST /sign-in", "DELETE /forms/1"] * 2


def test_what_was_gone_before_counts_and_what_no_journal_can_tell_is_left(recover, answer):
    told = account(undo(1))
    said = replace(told, created=7, deleted=4, untold=2, unknown=3)
    _, count, _ = recover(said, platform(answer))

    assert (count.created, count.deleted, count.leaked, count.uncertain) == (7, 5, 2, 3)
    assert count.reasons == {"no journal says how: that would have told a token": 2}

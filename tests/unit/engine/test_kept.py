"""What the engine tells a journal, in virtual time: the same as it knows itself, and no more."""

from __future__ import annotations

import resource

import orjson
import pytest

from tests.helpers.journals import Kept, lines_of
from wedload.safety.journal.count import read_count
from wedload.safety.journal.file import AHEAD, STEP
from wedload.safety.journal.reader import read_account
from wedload.safety.journal.records import count_path_of
from wedload.safety.journal.writer import open_load_journal

CREATE = """
[[workflows.visit]]
http = "POST /forms"
capture = { id = "json.id" }
cleanup = "DELETE /forms/${id}"
"""
#: three times that, each under a name of its own
THRICE = "".join(CREATE + f'name = "create {number}"\n' for number in "abc")
SIGNED_IN = """
[identities.supplier]
http = "POST /sign-in"
json = { email = "${synthetic.email()}", key = "${env.WEDLOAD_KEY}" }
capture = { token = "json.token" }
headers = { Authorization = "Bearer ${token}" }
"""
ENV = {"WEDLOAD_KEY": "hunter2-and-more"}
TOKEN = "eyJhbGciOi.7f0a7f0a"
SECRETS = {("env", "WEDLOAD_KEY"): ENV["WEDLOAD_KEY"]}


class Recorded:
    """Runs of plans with a journal, and what their journals say."""

    def __init__(self, stage, folder):
        self.stage, self.kept = stage, Kept(str(folder))
        self.folder = folder

    def play(self, plan, answers, **settings):
        self.journal = open_load_journal(self.kept.folder, 0, SECRETS)
        return self.stage.play(plan, answers, journal=self.journal, **settings)

    @property
    def account(self):
        return read_account(self.kept.folder, SECRETS)

    @property
    def intents(self):
        return read_count(count_path_of(self.kept.folder, self.journal.name))

    @property
    def written(self):
        return b"".join(path.read_bytes() for path in self.folder.iterdir())


@pytest.fixture
def recorded(stage, tmp_path):
    return Recorded(stage, tmp_path / "journal")


@pytest.fixture
def ids(answer):
    """Answers that give every form an id of its own, and sign anybody in."""
    made = iter(range(1, 10_000))

    def answers(seen):
        if seen.path == "/sign-in":
            return answer(0.1, json={"token": TOKEN})
        return answer(0.1, json={"id": next(made)} if seen.request.method == "POST" else None)

    return answers


def agree(account, count):
    assert (account.created, account.deleted) == (count.created, count.deleted)
    assert account.unknown == count.uncertain


def test_what_was_created_is_in_the_journal_until_it_is_deleted(recorded, one_user, ids, stage):
    run = recorded.play(one_user(THRICE), ids)
    assert lines_of(recorded.account) == [f"DELETE /forms/{id_}" for id_ in (3, 2, 1)]
    count, _ = stage.clean_up(run)

    agree(recorded.account, count)
    assert lines_of(recorded.account) == []


def test_an_intent_is_there_before_the_request_is_sent(recorded, one_user, answer):
    seen = []

    def answers(_seen):
        seen.append(recorded.intents)
        return answer(0.1, json={"id": 1})

    recorded.play(one_user(THRICE), answers)

    assert seen == [1, 2, 3]
    assert recorded.account.unknown == 0


@pytest.mark.parametrize(
    ("fares", "created", "unknown"),
    [
        ({"status": 500}, 0, 0),
        ({"outcome": "reset"}, 0, 1),
        ({"outcome": "timeout"}, 0, 1),
        ({"outcome": "protocol"}, 0, 1),
        ({"outcome": "connect"}, 0, 0),
        ({"outcome": "dns"}, 0, 0),
        ({"json": {}}, 0, 1),  # nothing says what was created
        ({"json": {"id": 7}}, 1, 0),
        ({"after_s": 1000, "json": {"id": 7}}, 0, 1),  # cut off at the end of the load
    ],
)
def test_each_way_to_fare_is_told_as_it_is_counted(
    recorded, one_user, answer, stage, fares, created, unknown
):
    run = recorded.play(one_user(CREATE), answer(**fares))
    account = recorded.account
    count, _ = stage.clean_up(run)

    assert (account.created, account.unknown) == (created, unknown)
    assert (count.created, count.uncertain) == (created, unknown)


@pytest.mark.parametrize(
    ("attempts", "created", "unknown"),
    [
        (["reset", "ok"], 1, 1),
        (["reset", "reset", "ok"], 1, 2),
        (["reset", "reset", "reset"], 0, 3),
        (["connect", "connect", "ok"], 1, 0),
        (["connect", "reset", "connect"], 0, 1),
    ],
)
def test_every_attempt_counts_and_there_is_one_intent_for_all(
    recorded, one_user, answer, stage, attempts, created, unknown
):
    fares = iter(attempts)
    retry = 'retry = { attempts = 3, on = ["reset", "connect"] }\n'
    run = recorded.play(
        one_user(CREATE + retry),
        lambda seen: answer(
            0.1, outcome="ok" if seen.request.method == "DELETE" else next(fares), json={"id": 1}
        ),
    )
    account = recorded.account
    assert recorded.intents == 1
    assert (account.created, account.unknown) == (created, unknown)

    count, _ = stage.clean_up(run)
    agree(recorded.account, count)


def test_who_is_stopped_while_waiting_to_try_again_has_created_no_more(
    recorded, one_user, answer, stage
):
    retry = (
        'retry = { attempts = 3, backoff = "constant", base = "60s", max = "60s", on = [503] }\n'
    )
    run = recorded.play(one_user(CREATE + retry), answer(0.1, status=503))
    account = recorded.account

    assert len(run.network.exchanges) == 1
    agree(account, stage.clean_up(run)[0])
    assert (account.created, account.unknown) == (0, 0)


def test_who_created_something_can_sign_in_again_but_not_by_the_journal_alone(
    recorded, one_user, ids
):
    run = recorded.play(one_user(CREATE + 'as = "supplier"\n', SIGNED_IN), ids, env=ENV)
    (undo,) = recorded.account.undos
    who = recorded.account.sign_ins[undo.who]
    first = run.network.exchanges[0].request

    assert (who.identity, who.scenario, who.vu) == ("supplier", "main", 1)
    assert who.request.encode() == first.encode()
    assert orjson.loads(who.request.body)["key"] == ENV["WEDLOAD_KEY"]
    for secret in (ENV["WEDLOAD_KEY"], TOKEN):
        assert secret.encode() not in recorded.written


def test_who_signs_in_anew_after_a_401_is_the_same_person(recorded, one_user, answer):
    made = iter(range(1, 100))

    def answers(seen):
        if seen.path == "/sign-in":
            return answer(0.1, json={"token": TOKEN})
        number = next(made)
        return answer(0.1, status=401 if number == 2 else 200, json={"id": number})

    each = 'as = "supplier"\non_failure = "continue"\nname'
    plan = one_user(THRICE.replace("name", each), SIGNED_IN)
    run = recorded.play(plan, answers, env=ENV)
    undos = recorded.account.undos

    assert run.network.lines.count("POST /sign-in") == 2
    assert lines_of(recorded.account) == ["DELETE /forms/3", "DELETE /forms/1"]
    assert {undo.who for undo in undos} == {("load-0", 1)}


def test_what_an_identity_shows_is_told_by_what_it_is_made_of(recorded, one_user, ids, tmp_path):
    (tmp_path / "users.csv").write_text("name,tenant\nann,north\nbob,south\n")
    before = """
[data.users]
file = "users.csv"
pick = "per_vu"
[variables]
region = "uk"
[identities.planner]
headers = { X-User = "${data.users.name}", X-Region = "${region}", X-Visit = "${iteration}" }
auth = { bearer = "${env.WEDLOAD_KEY}" }
"""
    recorded.play(one_user(CREATE + 'as = "planner"\n', before), ids, env=ENV)
    (undo,) = recorded.account.undos
    who = recorded.account.sign_ins[undo.who]

    assert who.request is None
    assert dict(who.variables) == {"region": "uk"}
    assert dict(who.rows) == {"users": 0}
    assert (who.vu, who.iteration) == (1, 0)


def test_what_takes_a_token_is_counted_and_not_told(recorded, one_user, answer):
    plan = one_user(
        """
[[workflows.visit]]
http = "POST /sign-in"
capture = { token = "json.token" }
[[workflows.visit]]
http = "POST /forms"
auth = { bearer = "${token}" }
cleanup = "DELETE /forms/1"
"""
    )
    recorded.play(plan, answer(0.1, json={"token": TOKEN}))
    account = recorded.account

    assert (account.created, account.untold, len(account.undos)) == (1, 1, 0)
    assert TOKEN.encode() not in recorded.written


def test_set_up_is_deleted_last_and_a_batch_is_told_as_other_steps_are(recorded, ids):
    recorded.play(
        """
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "1s"
pace = "100s"
workflow = "visit"
[[setup]]
http = "POST /venues"
capture = { venue = "json.id" }
cleanup = "DELETE /venues/${venue}"
[[workflows.visit]]
batch = [
  { name = "a", http = "POST /a", capture = { a = "json.id" }, cleanup = "DELETE /a/${a}" },
  { name = "b", http = "POST /b", capture = { b = "json.id" }, cleanup = "DELETE /b/${b}" },
]
""",
        ids,
    )
    first, second, last = lines_of(recorded.account)

    assert {first, second} == {"DELETE /a/2", "DELETE /b/3"}
    assert last == "DELETE /venues/1"


TWO = """
[scenarios.one]
executor = "constant-vus"
vus = 2
duration = "1h"
pace = "1s"
workflow = "visit"
[scenarios.two]
executor = "constant-vus"
vus = 1
duration = "1h"
pace = "1s"
workflow = "look"
[[workflows.look]]
http = "GET /"
"""


@pytest.fixture
def full_disk():
    """A journal that has room for a few intents, on a disk that has no more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(journal, room):
        resource.setrlimit(resource.RLIMIT_FSIZE, (STEP, hard))
        padding = STEP - AHEAD - room - journal._file.end - len(b'{"at":1,"":""}\n')
        for size in (padding // 2, padding - padding // 2 - 15):
            journal._file.append(b'{"at":1,"":"%b"}\n' % (b"x" * size))

    yield fill
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_without_room_in_the_journal_nothing_is_created_and_the_load_ends_with_the_reason(
    recorded, ids, stage, full_disk
):
    recorded.journal = open_load_journal(recorded.kept.folder, 0, SECRETS)
    full_disk(recorded.journal, 200)
    run = stage.play(TWO + CREATE, ids, journal=recorded.journal)
    count, _ = stage.clean_up(run)

    (one, why), (two, same) = run.ended_early
    assert (one, two) == ("one", "two")
    assert why == same
    assert why.endswith("the clean-up journal cannot grow: File too large")
    assert run.load_ended_s - run.load_began_s < 10
    assert 2 <= run.network.lines.count("POST /forms") < 10
    assert count.created == run.network.lines.count("POST /forms")
    assert (count.deleted, count.uncertain) == (count.created, 0)
    agree(recorded.account, count)


def test_without_room_in_the_journal_set_up_fails_with_the_reason(
    recorded, one_user, ids, stage, full_disk
):
    recorded.journal = open_load_journal(recorded.kept.folder, 0, SECRETS)
    full_disk(recorded.journal, -1)
    setup = '[[setup]]\nhttp = "POST /venues"\ncleanup = "DELETE /venues"\n'
    run = stage.play(one_user(CREATE, setup), ids, journal=recorded.journal)

    (problem,) = run.problems
    assert "the clean-up journal cannot grow: File too large" in problem
    assert run.network.lines == []


def test_without_a_journal_nothing_is_written(stage, one_user, ids, tmp_path):
    run = stage.play(one_user(CREATE), ids)
    count, _ = stage.clean_up(run)

    assert (count.created, count.deleted) == (1, 1)
    assert list(tmp_path.iterdir()) == []


def test_who_is_held_back_has_not_begun_to_create_anything(recorded, one_user, answer):
    seen = []

    def answers(one):
        seen.append((one.path, recorded.account.unknown))
        if one.path == "/look":
            return answer(0.1, status=429, headers={"Retry-After": "3600"})
        return answer(0.1, json={"id": 1})

    look = '[[workflows.visit]]\nhttp = "GET /look"\non_failure = "continue"\n'
    run = recorded.play(one_user(look + CREATE), answers)

    assert seen == [("/look", 0)]
    assert recorded.account.unknown == 0
    assert recorded.intents == 0
    assert run.load_ended_s - run.load_began_s > 1


def test_who_is_held_back_between_two_attempts_and_stopped_there_creates_no_more(
    recorded, one_user, answer, stage
):
    limited = {"status": 429, "headers": {"Retry-After": "4"}}
    retry = 'retry = { attempts = 3, on = [429], base = "1ms" }\n'
    run = recorded.play(one_user(CREATE + retry).replace('"1s"', '"100ms"'), answer(0.1, **limited))
    count, _ = stage.clean_up(run)

    assert recorded.intents == recorded.written.count(b'{"n":') == 1
    agree(recorded.account, count)

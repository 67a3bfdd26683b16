"""Journals read back: what is still there, in which order, how to delete it, and as whom."""

from __future__ import annotations

import errno
import os
import re
import shutil

import pytest

from tests.helpers.journals import (
    HEAD,
    HERE,
    KEY,
    SECRETS,
    STEP,
    Kept,
    create,
    deletion,
    lines_of,
    sign_in,
)
from tests.helpers.places import ROOT
from wedload.errors import JournalError
from wedload.safety.journal.count import IntentCount
from wedload.safety.journal.reader import is_going, read_account, read_head
from wedload.safety.journal.run_journal import resume_run_journal
from wedload.safety.journal.writer import Person
from wedload.workload.request import Origin


@pytest.fixture
def kept(tmp_path):
    return Kept(str(tmp_path / "journal"))


def test_what_is_left_is_told_last_created_first(kept):
    journal = kept.load()
    for number in range(1, 4):
        create(journal, f"/forms/{number}")
    journal.gone(2)
    account = kept.account()

    assert lines_of(account) == ["DELETE /forms/3", "DELETE /forms/1"]
    assert (account.created, account.deleted, account.unknown, account.untold) == (3, 1, 0, 0)
    assert [undo.key for undo in account.undos] == [("load-0", 3), ("load-0", 1)]
    assert account.undos[0].request.headers == b"Accept: */*\r\n"
    assert account.undos[0].who is None


def test_several_load_processes_are_told_in_the_order_of_their_marks(kept):
    first, second = kept.load(0), kept.load(1)
    create(first, "/set-up/1")
    first.mark(100)
    second.mark(100)
    create(second, "/forms/early")
    for instant in (125, 150):
        first.mark(instant)
        second.mark(instant)
    create(first, "/forms/a")
    first.mark(200)
    second.mark(200)
    create(second, "/forms/late")
    create(first, "/forms/b")

    same_quarter, rest = lines_of(kept.account())[:2], lines_of(kept.account())[2:]
    assert sorted(same_quarter) == ["DELETE /forms/b", "DELETE /forms/late"]
    assert rest == ["DELETE /forms/a", "DELETE /forms/early", "DELETE /set-up/1"]


def test_what_nobody_can_name_is_counted(kept):
    journal = kept.load()
    journal.nothing(journal.intend())
    journal.intend()  # it was killed then
    lost, again = journal.intend(), journal.intend()
    journal.perhaps(lost)
    journal.nothing(lost)
    journal.perhaps(again)  # and another attempt …
    journal.perhaps(again)  # … that was lost as well
    journal.nothing(again)
    account = kept.account()

    assert (account.created, account.unknown) == (0, 1 + 1 + 2)


def test_an_attempt_that_was_lost_counts_beside_the_one_that_created(kept):
    journal = kept.load()
    number = journal.intend()
    journal.perhaps(number)
    journal.created(number, *_plain("/forms/1"))
    account = kept.account()

    assert (account.created, account.unknown, lines_of(account)) == (1, 1, ["DELETE /forms/1"])


def _plain(path):
    return deletion(path), Person(), STEP, frozenset(), None, None


def test_who_is_to_delete_signs_in_as_they_did(kept):
    journal, supplier, couple = kept.load(), Person(), Person()
    journal.signed_in(supplier, sign_in(variables={"region": "north"}, rows={"users": 3}, vu=5))
    journal.signed_in(couple, sign_in(identity="couple", request=None, iteration=2))
    create(journal, "/forms/1", supplier)
    create(journal, "/events/1", couple)
    account = kept.account()

    event, form = account.undos
    assert account.sign_ins[form.who] == _Like(
        identity="supplier", variables={"region": "north"}, rows={"users": 3}, vu=5, iteration=0
    )
    assert KEY.encode() in account.sign_ins[form.who].request.body
    assert account.sign_ins[event.who] == _Like(identity="couple", request=None, iteration=2)


class _Like:
    """Equal to what has these attributes."""

    def __init__(self, **fields):
        self.fields = fields

    def __eq__(self, other):
        return self.fields == {name: getattr(other, name) for name in self.fields}

    __hash__ = None


def test_who_signs_in_again_is_the_same_person_as_they_signed_in_last(kept):
    journal, person = kept.load(), Person()
    journal.signed_in(person, sign_in(variables={"visit": 1}))
    create(journal, "/forms/1", person)
    size = journal._file.end
    journal.signed_in(person, sign_in(variables={"visit": 1}))
    assert journal._file.end == size  # nothing new to tell
    journal.signed_in(person, sign_in(variables={"visit": 2}))
    create(journal, "/forms/2", person)
    account = kept.account()

    assert {undo.who for undo in account.undos} == {("load-0", 1)}
    assert account.sign_ins["load-0", 1].variables == {"visit": 2}


def test_deletions_that_differ_in_more_than_their_target_are_told_as_they_are(kept):
    journal = kept.load()
    create(journal, "/forms/1", headers="X-Tenant: a")
    create(journal, "/forms/2", headers="X-Tenant: b", own_headers=frozenset({"accept"}))
    create(
        journal, "/forms/3", headers="X-Tenant: b",
        digest_origin=Origin("https", "forms.example", 443), credentials=("planner", KEY),
    )  # fmt: skip
    create(journal, f"/forms/{KEY}?q=1", headers="X-Tenant: b")
    fourth, third, second, first = kept.account().undos

    assert [one.request.headers for one in (first, second)] == [
        b"X-Tenant: a\r\n", b"X-Tenant: b\r\n"
    ]  # fmt: skip
    assert second.own_headers == {"accept"}
    assert (third.origin, third.credentials) == (
        Origin("https", "forms.example", 443), ("planner", KEY)
    )  # fmt: skip
    assert fourth.request.target == f"/forms/{KEY}?q=1".encode()
    assert fourth.request.encode() == b"".join(
        [
            b"DELETE ", fourth.request.target, b" HTTP/1.1\r\nHost: ", HERE.authority.encode(),
            b"\r\nX-Tenant: b\r\n\r\n",
        ]
    )  # fmt: skip


def test_odd_targets_are_told_as_they_are(kept):
    journal = kept.load()
    odd = ['/forms/"1"', "/forms/\\1", "/förms/1", "/forms/1\x01", "/forms/1?page=2&q=%C3%A9"]
    for path in odd:
        create(journal, path)

    assert [undo.request.target.decode() for undo in kept.account().undos] == odd[::-1]


def _line(token):
    return "authorization", f"Authorization: Bearer {token}\r\n".encode()


def test_tokens_are_not_told_and_what_takes_one_is_counted(kept, tmp_path):
    journal, person, stranger = kept.load(), Person(), Person()
    token = "eyJhbGciOi.7f0a7f0a"
    journal.signed_in(person, sign_in(), (_line(token),))
    journal.signed_in(stranger, sign_in(variables={"token": token}))
    create(journal, f"/sessions/{token}", person)
    create(journal, f"/forms/1?token={token}")
    create(journal, "/forms/2", headers=f"Authorization: Bearer {token}")
    create(journal, "/forms/3", stranger)
    create(journal, "/forms/4", person)
    create(journal, "/forms/5", credentials=("planner", token))
    kept.run.captured({"webhook_token": token, "form": "7"})
    account = kept.account()

    assert lines_of(account) == ["DELETE /forms/4"]
    assert (account.created, account.untold) == (6, 5)
    assert (account.variables, account.untold_variables) == ({"form": "7"}, ("webhook_token",))
    for file in (tmp_path / "journal").iterdir():
        assert token.encode() not in file.read_bytes()
        assert KEY.encode() not in file.read_bytes()


def test_a_run_tells_which_one_it_is_and_how_far_it_has_come(kept, tmp_path):
    assert read_head(kept.folder, SECRETS) == HEAD
    account = kept.account()
    assert (account.variables, account.torn_down, account.swept, account.ended) == (
        None, False, False, False
    )  # fmt: skip
    kept.run.captured({"form": {"id": 7}})
    kept.run.torn_down()
    assert is_going(kept.folder)
    kept.run.close()
    assert not is_going(kept.folder)
    again = resume_run_journal(kept.folder, SECRETS)
    with pytest.raises(JournalError, match="another process"):
        resume_run_journal(kept.folder, SECRETS)
    again.swept()
    again.ended()
    again.close()

    account = kept.account()
    assert account.variables == {"form": {"id": 7}}
    assert (account.torn_down, account.swept, account.ended) == (True, True, True)
    assert (tmp_path / "journal").stat().st_mode & 0o777 == 0o700


def test_a_run_whose_load_process_still_writes_goes_on(kept):
    kept.run.close()
    journal = kept.load()

    assert is_going(kept.folder)
    journal.close()
    assert not is_going(kept.folder)


def test_who_goes_on_writes_beside_those_who_are_gone_and_into_their_files(kept):
    gone = kept.load()
    create(gone, "/forms/1")
    create(gone, "/forms/2")
    gone.close()
    journal = kept.load()
    assert journal.name == "load-0-1"
    create(journal, "/forms/3")
    journal.gone(2, "load-0")
    journal.gone(1, "load-0-1")
    journal.close()
    account = kept.account()

    assert lines_of(account) == ["DELETE /forms/1"]
    assert (account.created, account.deleted) == (3, 2)


def test_clean_up_goes_on_where_there_is_no_room_to_tell_what_is_gone(kept, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    gone = kept.load()
    create(gone, "/forms/1")
    gone.close()
    journal = kept.load()
    with monkeypatch.context() as patched:
        patched.setattr(os, "posix_fallocate", full)
        journal.gone(1, "load-0")
    assert lines_of(kept.account()) == ["DELETE /forms/1"]

    journal.gone(1, "load-0")
    journal.close()
    assert lines_of(kept.account()) == []


def test_a_secret_that_is_missing_is_named_before_anything_is_deleted(kept):
    journal, person = kept.load(), Person()
    journal.signed_in(person, sign_in())
    create(journal, "/forms/1", person)

    with pytest.raises(JournalError, match="the environment variable WEDLOAD_KEY is not there"):
        read_account(kept.folder, {})


def test_a_secret_may_have_changed_since(kept):
    journal, person = kept.load(), Person()
    journal.signed_in(person, sign_in())
    create(journal, "/forms/1", person)
    account = read_account(kept.folder, {("env", "WEDLOAD_KEY"): "a new one"})

    assert b"a new one" in account.sign_ins["load-0", 1].request.body


def test_a_run_that_was_killed_at_once_says_so(kept, tmp_path):
    (tmp_path / "journal" / "run.jsonl").write_bytes(b"\0" * 4096)

    with pytest.raises(JournalError, match="before it had told which one it was"):
        kept.account()


WRONG = {
    "vu": ('"vu":5', '"vu":"x"', "load-0.jsonl:2", "vu is of another kind: str"),
    "iteration": ('"iteration":0', '"iteration":[0]', "load-0.jsonl:2", "iteration is of another"),
    "flag": ('"vu":5', '"vu":true', "load-0.jsonl:2", "vu is of another kind: bool"),
    "identity": ('"as":"supplier"', '"as":{"a":1}', "load-0.jsonl:2", "as is of another kind"),
    "rows": ('"rows":{"users":3}', '"rows":{"users":"3"}', "load-0.jsonl:2", "rows is of"),
    "form": ('"env":"WEDLOAD_KEY"', '"env":7', "load-0.jsonl:2", "body is of"),
    "header": ('["Accept: */*"]', '"Accept: */*"', "load-0.jsonl:3", "head is of another kind"),
    "method": ('"do":"DELETE"', '"do":7', "load-0.jsonl:3", "do is of another kind: int"),
    "shape": ('"s":1,"t"', '"s":[1],"t"', "load-0.jsonl:4", "there is no such record"),
    "target": ('"t":"/forms/1"', '"t":7', "load-0.jsonl:4", "t is no text"),
    "seed": ('"seed":7', '"seed":"7"', "run.jsonl:2", "seed is of another kind: str"),
    "overrides": ('"overrides":[', '"overrides":[7,', "run.jsonl:2", "overrides is of another"),
    "run": ('"run":{', '"run":7,"x":{', "run.jsonl:2", "run is of another kind: int"),
}


@pytest.mark.parametrize(("written", "wrong", "where", "said"), WRONG.values(), ids=WRONG)
def test_a_value_of_another_kind_is_told_with_its_line_before_anything_is_deleted(
    kept, tmp_path, written, wrong, where, said
):
    journal, person = kept.load(), Person()
    journal.signed_in(person, sign_in(rows={"users": 3}, vu=5))
    create(journal, "/forms/1", person)
    journal.close()
    kept.run.close()
    file = tmp_path / "journal" / where.partition(":")[0]
    content = file.read_text()
    assert written in content
    file.write_text(content.replace(written, wrong))

    with pytest.raises(JournalError, match=f"/{re.escape(where)}: .*({said})"):
        kept.account()


def test_a_folder_that_is_none_says_so(tmp_path):
    with pytest.raises(JournalError, match="No such file"):
        read_account(str(tmp_path / "nothing"), SECRETS)


def test_what_the_power_took_is_unknown_and_the_rest_is_told(kept, tmp_path):
    journal, person = kept.load(), Person()
    journal.signed_in(person, sign_in())
    places = []
    for number in range(1, 7):
        create(journal, f"/forms/{number}", person)
        places.append(journal._file.end)
    journal.close()
    path = tmp_path / "journal" / "load-0.jsonl"
    content = bytearray(path.read_bytes())
    content[places[1] + 3 : places[3] - 5] = bytes(places[3] - places[1] - 8)
    path.write_bytes(content)
    account = kept.account()

    assert lines_of(account) == [f"DELETE /forms/{number}" for number in (6, 5, 2, 1)]
    assert (account.created, account.unknown) == (4, 2)


def test_the_file_of_another_run_may_be_read_where_it_was_copied_to(kept, tmp_path):
    create(kept.load(), "/forms/1")
    shutil.copytree(kept.folder, tmp_path / "copy")
    os.unlink(tmp_path / "journal" / "load-0.jsonl")  # noqa: PTH108

    assert lines_of(read_account(str(tmp_path / "copy"), SECRETS)) == ["DELETE /forms/1"]


def test_the_sample_of_the_documentation_is_a_journal_and_says_what_is_told_of_it(tmp_path):
    page = (ROOT / "docs" / "journal.md").read_text()
    for name, content in re.findall(r"```jsonl (\S+)\n(.*?)```", page, re.DOTALL):
        file = tmp_path / f"{name}.jsonl"
        file.write_text(content)
        file.chmod(0o600)
    ((name, number),) = re.findall(r"`(\S+\.count)` holds (\d+)", page)
    count = IntentCount(str(tmp_path / name))
    count.tell(int(number))
    count.close()
    account = read_account(str(tmp_path), {("env", "WEDLOAD_SUPPLIER_KEY"): KEY})
    (undo,) = account.undos

    assert undo.request.target == b"/api/forms/f-4"
    assert account.sign_ins[undo.who].request.body.endswith(f'"key":"{KEY}"}}'.encode())
    assert (account.created, account.deleted, account.unknown) == (2, 1, 2)
    assert (account.variables, account.untold_variables) == ({"venue": "v-1"}, ("webhook_secret",))
    assert account.head.target == "staging"
    assert (account.torn_down, account.swept, account.ended) == (True, True, True)

"""Journals that tests write as runs do, and read as those who clean up do."""

from __future__ import annotations

from typing import Any

from wedload.safety.journal.account import Account, RunHead, SignIn
from wedload.safety.journal.reader import read_account
from wedload.safety.journal.run_journal import RunJournal, open_run_journal
from wedload.safety.journal.writer import LoadJournal, Person, open_load_journal
from wedload.workload.request import Origin, Request

HERE = Origin("http", "127.0.0.1", 8000)
KEY = "hunter2-and-more"
SECRETS = {("env", "WEDLOAD_KEY"): KEY}
HEAD = RunHead(
    run_id="20261127-050000-abcd",
    version="1.0.0",
    plan_file="plan.toml",
    plan_text='name = "forms"\n',
    plan_folder="/plans",
    overrides=("scenarios.main.vus=3",),
    target="here",
    base_url="http://127.0.0.1:8000",
    seed=7,
    started_at="2026-11-27T05:00:00+00:00",
    workers=2,
)
#: number of a step
STEP = 1


class Kept:
    """The journal of one run, in a folder."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.run: RunJournal = open_run_journal(folder, HEAD, SECRETS)

    def load(self, index: int = 0) -> LoadJournal:
        return open_load_journal(self.folder, index, SECRETS)

    def account(self) -> Account:
        return read_account(self.folder, SECRETS)


def deletion(path: str, headers: str = "Accept: */*") -> Request:
    return Request(HERE, "DELETE", path.encode(), f"{headers}\r\n".encode(), None)


def create(
    journal: LoadJournal,
    path: str,
    person: Person | None = None,
    *,
    headers: str = "Accept: */*",
    **more: Any,
) -> int:
    """Something is created as steps create it; its number."""
    number = journal.intend()
    journal.created(
        number,
        deletion(path, headers),
        person or Person(),
        more.pop("step", STEP),
        more.pop("own_headers", frozenset()),
        more.pop("digest_origin", None),
        more.pop("credentials", None),
    )
    return number


def sign_in(**fields: Any) -> SignIn:
    request = Request(
        HERE, "POST", b"/sign-in", b"", b'{"email":"a@example.com","key":"%b"}' % KEY.encode()
    )
    return SignIn(**{"identity": "supplier", "scenario": "main", "request": request, **fields})


def lines_of(account: Account) -> list[str]:
    """What is still to be deleted, first things first."""
    return [f"{undo.request.method} {undo.request.path}" for undo in account.undos]

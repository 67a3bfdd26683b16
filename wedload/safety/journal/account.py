"""What a journal says, read back: what is still there, how to delete it, and as whom. Pure data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wedload.workload.request import Origin, Request


@dataclass(frozen=True, slots=True)
class RunHead:
    """Which run wrote a journal: what it takes to go on where that ended."""

    run_id: str
    version: str  # of wedload
    plan_file: str  # as it was called
    plan_text: str  # as it was read
    plan_folder: str  # absolute; what the plan names is relative to it
    overrides: tuple[str, ...]  # of `--set`
    target: str
    base_url: str
    seed: int
    started_at: str  # ISO 8601, UTC
    workers: int


@dataclass(frozen=True, slots=True)
class SignIn:
    """How somebody is signed in again; secrets are filled in, tokens are to be had anew."""

    identity: str  # in the plan
    scenario: str  # whose identity it is; set-up and tear-down are scenarios here
    request: Request | None  # None: it signs in by headers or Digest alone
    #: variables that its headers, credentials and captures read, beside what signing in captures
    variables: Mapping[str, Any] = field(default_factory=dict)
    vu: int = 1  # which virtual user, as expressions have it: from 1 …
    iteration: int = 0  # … and in which iteration
    #: which row of a feeder these read, by the feeder's name: its place in the file, from 0
    rows: Mapping[str, int] = field(default_factory=dict)


#: of one load process: its file, and a number in it
Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Undo:
    """What was created and is perhaps still there, and the request that deletes it."""

    key: Key  # under which to tell the journal what became of it
    request: Request
    who: Key | None  # who is to be signed in; None: nobody in particular
    own_headers: frozenset[str] = frozenset()
    origin: Origin | None = None  # whose Digest challenges are answered
    credentials: tuple[str, str] | None = None  # for them


@dataclass(frozen=True, slots=True)
class Account:
    """All that a journal says."""

    head: RunHead
    #: last created first; each is made when it is asked for, as there may be millions
    undos: Sequence[Undo]
    sign_ins: Mapping[Key, SignIn]
    created: int = 0  # all that were told, of which `deleted` are gone already
    deleted: int = 0
    #: requests that were to create something, and of which nobody knows whether they did
    unknown: int = 0
    #: what is not in `undos` because telling how to delete it, or as whom, would tell a token
    untold: int = 0
    #: what set-up captured, without tokens; None: set-up was not over
    variables: Mapping[str, Any] | None = None
    untold_variables: tuple[str, ...] = ()  # names of those that are tokens
    torn_down: bool = False
    swept: bool = False
    ended: bool = False  # the run, by itself: what is left was tried in vain
    silences: tuple[str, ...] = ()  # of alerts, that nobody has ended: their ids

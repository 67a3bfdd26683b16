"""What a process of a run tells the coordinator, without secrets: redacted where it is told.

Texts alone: what set-up captured is passed on as it is, to processes, and never shown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wedload.fleet.ears_messages import Settled
from wedload.fleet.messages import (
    Cannot,
    CleanupDone,
    Failed,
    LoadDone,
    Message,
    Recorded,
    SetupDone,
    TeardownDone,
)
from wedload.fleet.party_messages import PartiesSettled
from wedload.plan.uses import env_names
from wedload.safety.redactor import KNOWN

if TYPE_CHECKING:
    from wedload.plan.model import Plan
    from wedload.workload.compile_plan import Settings


def learn(plan: Plan, settings: Settings) -> None:
    """Know the secrets of a run, of which what is told is to be free."""
    env = settings.env.plain
    KNOWN.learn(env[name] for name in env_names(plan) if name in env)
    KNOWN.learn(settings.secrets.plain.values())
    KNOWN.learn(one.password for one in settings.databases.values() if one.password)


def without_secrets(message: Message) -> Message:
    """The same message; one that holds no texts of requests and answers as it is."""
    match message:
        case Recorded():
            if not message.snapshot.notes:  # as it mostly is
                return message
            notes = KNOWN.counted(message.snapshot.notes)
            return replace(message, snapshot=replace(message.snapshot, notes=notes))
        case SetupDone() | TeardownDone():
            return replace(message, problems=list(map(KNOWN, message.problems)))
        case LoadDone():
            return replace(
                message, ended_early=[(name, KNOWN(why)) for name, why in message.ended_early]
            )
        case CleanupDone():
            message.count.reasons = KNOWN.counted(message.count.reasons)
            return message
        case Failed():
            return Failed(KNOWN(message.message), _maybe(message.trace))
        case Cannot():
            return Cannot(KNOWN(message.message), _maybe(message.hint))
        case Settled():
            return replace(message, reports=KNOWN.inside(message.reports))
        case PartiesSettled():
            return PartiesSettled(KNOWN.inside(message.dependencies), KNOWN.inside(message.proxies))
        case _:
            return message


def _maybe(text: str | None) -> str | None:
    return None if text is None else KNOWN(text)

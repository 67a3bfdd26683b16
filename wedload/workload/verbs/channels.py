"""Compiling `await` and `publish`: what a virtual user expects of channels, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from wedload.workload.compiled import Value


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of a channel from the sending of a step on, which has it in `expects`."""

    name: str  # label of the step that awaits it, or publishes it
    channel: str
    kind: Literal["webhook", "realtime"]
    series: int  # of that step: what the channel finds is recorded there
    key: Value | None  # None: not known before the await step, which binds it
    within_ns: int
    wanted: bool  # whether somebody waits for it
    message: bool  # whether captures or checks read the message


@dataclass(frozen=True, slots=True)
class AwaitTask:
    """What an await step is to do."""

    expectation: Expectation
    key: Value
    wait: bool
    since: str  # label of the step at whose sending the clock starts


@dataclass(frozen=True, slots=True)
class PublishTask:
    """What a publish step is to do."""

    expectation: Expectation
    event: Value | None
    payload: Value
    wait: bool  # until every subscriber has it

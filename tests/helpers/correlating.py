"""A correlator of a channel, and what it found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wedload.channels.correlation import Correlator
from wedload.channels.expectation import Expected
from wedload.channels.message import Message
from wedload.metrics.recorder import Recorder

if TYPE_CHECKING:
    from wedload.channels.expectation import Answer
    from wedload.channels.port import Place

#: series of the channel, and of the step that expects
OWN, STEP = 7, 3


@dataclass
class Correlating:
    """One channel under test: told of triggers and messages, asked for counts and durations."""

    kind: Any = "webhook"
    subscribers: int = 1
    any_of_them: bool = False
    remember: int = 1_000
    keeps_messages: bool = False
    recorder: Recorder = field(default_factory=Recorder)
    answers: list[Answer] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.correlator = Correlator(
            self.recorder, kind=self.kind, series=OWN, answer=self.answers.append,
            subscribers=self.subscribers, any_of_them=self.any_of_them, remember=self.remember,
            keeps_messages=self.keeps_messages,
        )  # fmt: skip
        if self.kind == "realtime":
            for subscriber in range(self.subscribers):
                self.correlator.membership.join(subscriber, 0)

    def expect(self, key: str, since: int, within: int, waiting: int | None = None) -> None:
        """A message is expected, from an instant on."""
        self.correlator.expect(
            Expected(
                key, since, since + within, STEP, 1,
                None if waiting is None else (0, waiting), message=self.keeps_messages,
            )
        )  # fmt: skip

    def heard(
        self, key: str, at: int, subscriber: int = 0, place: Place | None = None, body: bytes = b""
    ) -> None:
        """A message is there."""
        self.correlator.heard(key, at, subscriber, place, Message(at, body))

    def finished(self, at: int = 10**15) -> tuple[Counter[str], dict[str, list[int]]]:
        """Counts by metric (and outcome), without the channel's kind; and durations, sorted."""
        self.correlator.finish(at)
        snapshot = self.recorder.flush(0, 0, {})
        counts: Counter[str] = Counter()
        for key, number in snapshot.counts.items():
            name = key.metric.removeprefix(f"{self.kind}_")
            counts[f"{name} {key.outcome}".strip()] += number
        trends: dict[str, list[int]] = {}
        for key, found in snapshot.trends.items():
            trends.setdefault(key.metric, []).append(found.count)
        return counts, trends

"""Deliveries: what becomes of an attempt that was read whole. No I/O: a reply comes back.

Verified first; what is not genuine is refused, and never accepted, whatever the script says. What
is genuine is accepted if the script lets it be answered with 2xx.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from wedload.channels.message import Message
from wedload.channels.webhook.attempts import HUNG
from wedload.channels.webhook.replies import (
    ACCEPTED,
    NOT_READY,
    UNPROVEN,
    Refusal,
    Reply,
    refused,
    whole_seconds,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wedload.channels.keys import Keys
    from wedload.channels.port import Hearing
    from wedload.channels.webhook.answers import Script
    from wedload.channels.webhook.attempts import Attempts
    from wedload.channels.webhook.signatures import Verdict, Verify
    from wedload.plan.channels import Answer


class Deliveries:
    """Judges the attempts of a channel, tells its hearing, and says what they are answered with."""

    def __init__(
        self,
        *,
        verify: Verify | None,
        script: Script,
        attempts: Attempts,
        keys: Keys,
        hearing: Hearing,
        unix_s: Callable[[], float],
    ) -> None:
        self.verify = verify  # None: nothing can be, as set-up has not told the secret yet
        self._script = script
        self._attempts = attempts
        self._keys = keys
        self._hearing = hearing
        self._unix_s = unix_s
        self._begun = 0
        self._refused: Counter[str] = Counter()

    def begin(self) -> None:
        """Count an attempt: a POST to the channel's path has begun, whatever comes of it."""
        self._begun += 1
        self._hearing.count("webhook_attempts")

    def take(self, headers: Mapping[str, str], body: bytes, at_ns: int) -> Reply:
        """Judge an attempt whose last byte came at an instant."""
        if self.verify is None:
            self.refuse(NOT_READY)
            return refused(NOT_READY)
        verdict = self.verify(headers, body, self._unix_s())
        if verdict.rejection is not None:
            return self._turned_away(verdict, at_ns)
        attempt = self._attempts.begin(verdict.message_id, at_ns, genuine=True)
        reply = _reply(self._script.answer(verdict.message_id, attempt.genuine))
        accepted = attempt.answered(HUNG if reply.hang_ns else reply.status, genuine=True)
        if attempt.kind != "first":
            self._count_repeat(attempt.kind)
        if accepted or (attempt.genuine == 1 and not attempt.succeeded):
            self._tell(Message(at_ns, body, headers, status=reply.status), accepted=accepted)
        return reply

    def refuse(self, refusal: Refusal) -> None:
        """Count what is no delivery."""
        reason = refusal.reason
        self._hearing.note(f"{reason}: {refusal.why}")
        self._refused[reason] += 1
        self._hearing.count("webhook_rejected", reason)

    def report(self) -> dict[str, Any]:
        """Counts, and the schedule of retries that was observed."""
        return {
            "attempts": self._begun,
            "rejections": dict(sorted(self._refused.items())),
            "retries": self._attempts.schedule(),
            "retries_beyond": self._attempts.beyond,
            "forgotten": self._attempts.forgotten,
        }

    def _turned_away(self, verdict: Verdict, at_ns: int) -> Reply:
        assert verdict.rejection is not None
        refusal = UNPROVEN[verdict.rejection]
        self.refuse(refusal)
        self._hearing.count("webhook_invalid_signature")
        if verdict.message_id:
            attempt = self._attempts.begin(verdict.message_id, at_ns, genuine=False)
            attempt.answered(refusal.status, genuine=False)
            if attempt.kind == "retry":
                self._count_repeat(attempt.kind)
        return refused(refusal)

    def _count_repeat(self, kind: str) -> None:
        self._hearing.count("webhook_retries" if kind == "retry" else "webhook_duplicates")

    def _tell(self, message: Message, *, accepted: bool) -> None:
        """Tell of a message that is there for the first time, or accepted for the first time."""
        found = self._keys.of(message)
        if found is None:
            if accepted:
                self._hearing.unexpected(message)
            return
        key, place = found
        if accepted:
            self._hearing.heard(key, message.at_ns, 0, place, message)
        else:
            self._hearing.arrived(key, message.at_ns)


def _reply(answer: Answer | None) -> Reply:
    if answer is None:
        return ACCEPTED
    return Reply(
        status=200 if answer.status is None else answer.status,
        retry_after_s=None if answer.retry_after is None else whole_seconds(answer.retry_after),
        hang_ns=answer.hang or 0,
    )

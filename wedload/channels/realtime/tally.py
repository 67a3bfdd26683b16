"""What a population has been through, and what is said of it. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from wedload.units import NS_PER_MS, counted, format_ms

if TYPE_CHECKING:
    from wedload.channels.realtime.subscriber import Failure

#: so many in a row, and nobody has joined: nobody will
_HOPELESS: Final = 4
_MOST_TOLD: Final = 3
_MOST_REASONS: Final = 30  # servers make them up
#: reasons of failures -> what may help
_REMEDIES: Final = {
    "connect": "is the server running, and is `url` right?",
    "dns": "is `url` right?",
    "timeout": "is the server up to it? a lower rate of `joins` asks less of it",
    "blocked": "start the server on this machine, or forward a port of it",
    "status 401": "are `access_token`, `headers` and `params` right?",
    "status 403": "are `access_token`, `headers` and `params` right?",
    "status 404": "is the path in `url` right?",
    "Unauthorized": "is `access_token` right, and may it read the topic?",
    "InvalidJWTToken": "is `access_token` right?",
    "status 200": "is `url` that of a WebSocket?",
    "tls": "does the server speak TLS there? without it a URL begins with ws:// or http://",
    "no event stream": "is `url` that of an event stream?",
}
#: what servers say, in lower case -> what may help, whatever the reason is called
_REMEDIES_OF_TEXTS: Final = {
    "unmatched topic": "is `topic` right? those of Supabase begin with realtime:",
    "join was not answered": "does `url` lead to a server that speaks this, and is it up to it?",
    "changes are": "are `changes` right, and is the server up to it?",
    "unable to subscribe to changes": "are schema, table and filter in `changes` right?",
    "parsing `filter`": 'is the filter in `changes` right? it reads as in "shop=eq.7"',
}
#: reasons that say little of what it was
_VAGUE: Final = frozenset({"refused", "timeout"})
_QUOTA: Final = "lower `subscribers` or `joins`, or have the limit of the service raised"


class Tally:
    """Counts of one population."""

    def __init__(self, subscribers: int) -> None:
        self.subscribers = subscribers
        self.joined: set[int] = set()  # at present
        self._ever: set[int] = set()
        self._most = 0
        self._least: int | None = None  # since all had joined
        self._began_ns = self._seen_ns = 0  # the load; when it was last looked who is there
        self._away_ns = 0  # of all subscribers together, in the load
        self.drops = self.rejoins = self.unreadable = 0
        self._failures: Counter[str] = Counter()
        self._quotas: Counter[str] = Counter()
        self._reasons: set[str] = set()
        self._last: dict[int, Failure] = {}  # of those that have not joined since
        self._final = False
        self._longest_row = 0  # of one's failures

    @property
    def complete(self) -> bool:
        """Everybody is there."""
        return len(self.joined) == self.subscribers

    @property
    def hopeless(self) -> bool:
        """Not everybody will join, however long they try."""
        return self._final or (not self._ever and self._longest_row >= _HOPELESS)

    def begin(self, now_ns: int) -> None:
        """The load begins: from now on everybody should be there."""
        self._least = len(self.joined)
        self._began_ns = self._seen_ns = now_ns

    def look(self, now_ns: int) -> None:
        """See who is away, before that changes, and when the load is over."""
        if self._least is not None:
            missing = self.subscribers - len(self.joined)
            self._away_ns += missing * max(now_ns - self._seen_ns, 0)
            self._seen_ns = now_ns

    @property
    def away_share(self) -> float:
        """The share of the load, times the subscribers, in which somebody was away."""
        lasted_ns = (self._seen_ns - self._began_ns) * self.subscribers
        return self._away_ns / lasted_ns if lasted_ns > 0 else 0.0

    def has_joined(self, subscriber: int) -> None:
        """Somebody is there."""
        self.joined.add(subscriber)
        self._last.pop(subscriber, None)
        self.rejoins += subscriber in self._ever
        self._ever.add(subscriber)
        self._most = max(self._most, len(self.joined))

    def has_left(self, subscriber: int, failure: Failure) -> None:
        """Somebody is not any more."""
        self.joined.discard(subscriber)
        self.drops += 1
        self._quota(failure)
        self._last[subscriber] = failure
        if self._least is not None:
            self._least = min(self._least, len(self.joined))

    def has_failed(self, subscriber: int, failure: Failure, in_a_row: int) -> None:
        """Somebody could not join, so many times in a row."""
        self._failures[self.reason_of(failure)] += 1
        self._quota(failure)
        self._last[subscriber] = failure
        self._final = self._final or failure.final
        self._longest_row = max(self._longest_row, in_a_row)

    def reason_of(self, failure: Failure) -> str:
        """By what a failure is counted: its reason, as long as there are not too many."""
        reason = failure.reason
        if reason not in self._reasons and len(self._reasons) >= _MOST_REASONS:
            return "other"
        self._reasons.add(reason)
        return reason

    def _quota(self, failure: Failure) -> None:
        if failure.quota is not None:
            self._quotas[failure.quota] += 1

    def problem(self, waited_ns: int) -> str:
        """Why the run cannot begin: who has not joined, what the server says, what may help."""
        missing = self.subscribers - len(self.joined)
        texts = Counter(failure.text for failure in self._last.values())
        of_all = sum(texts.values()) if self.hopeless else missing
        told = [
            text if count == of_all else f"{count} × {text}"
            for text, count in texts.most_common(_MOST_TOLD)
        ]
        if others := sum(texts.values()) - sum(n for _, n in texts.most_common(_MOST_TOLD)):
            told.append(f"{others} × others")
        if self.hopeless:  # others were still joining, and for how long is nothing of the server's
            what = "a subscriber could not join" if of_all == 1 else "subscribers could not join"
            return f"{what}: {'; '.join(told)}{self._remedy()}"
        if silent := missing - sum(texts.values()):
            told.append(f"{silent} × still joining")
        of = counted(self.subscribers, "subscriber")
        waited = format_ms(waited_ns / NS_PER_MS)
        sentence = f"{missing} of {of} did not join within {waited}: "
        return sentence + "; ".join(told) + self._remedy()

    def _remedy(self) -> str:
        last = self._last.values()
        if any(failure.quota is not None for failure in last):
            return f" ({_QUOTA})"
        for failure in last:
            for said, remedy in _REMEDIES_OF_TEXTS.items():
                if said in failure.text.lower() and failure.reason in _VAGUE:
                    return f" ({remedy})"
        reasons = Counter(failure.reason for failure in last)
        for reason, _ in reasons.most_common():
            if reason in _REMEDIES:
                return f" ({_REMEDIES[reason]})"
        return ""

    def report(self) -> dict[str, Any]:
        """It all, as JSON can say it."""
        return {
            "subscribers": self.subscribers,
            "joined_most": self._most,
            "joined_least": 0 if self._least is None else self._least,
            "away_share": round(self.away_share, 6),
            "drops": self.drops,
            "rejoins": self.rejoins,
            "join_failures": dict(self._failures.most_common()),
            "quota_errors": dict(self._quotas.most_common()),
            "unreadable": self.unreadable,
        }

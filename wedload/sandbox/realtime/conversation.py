"""Plain WebSocket conversations: JSON objects with a `type`, topics, and no protocol beneath.

`ping` is answered by `pong`; `subscribe` and `unsubscribe` take a topic; `publish` gives everybody
who is subscribed to the topic a `message`, numbered from 1 in each topic, and is itself answered
only if it has an `id`. An `id` comes back in every answer. What the platform tells of itself
(`submission.created`, …) is a topic too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from .fanout import Subscriber
from .frames import text_frame
from .nesting import is_too_deep

if TYPE_CHECKING:
    from .counts import Counts
    from .fanout import Fanout
    from .outlet import Outlet

_TYPES: Final = "ping, subscribe, unsubscribe and publish"
MOST_SUBSCRIPTIONS: Final = 100
# Beyond these, the topic that came up first is forgotten, and counted from 1 again.
_MOST_NUMBERED: Final = 10_000


class Topics:
    """Who is subscribed to what."""

    def __init__(self, fanout: Fanout, counts: Counts) -> None:
        self._fanout = fanout
        self._counts = counts
        self._subscribed: dict[str, dict[Subscriber, None]] = {}
        self._sequence: dict[str, int] = {}

    def subscribe(self, topic: str, subscriber: Subscriber) -> None:
        """Let the subscriber hear what is published on the topic."""
        self._subscribed.setdefault(topic, {})[subscriber] = None

    def unsubscribe(self, topic: str, subscriber: Subscriber) -> None:
        """Let it hear no more of it."""
        self._fanout.forget(subscriber)
        there = self._subscribed[topic]
        del there[subscriber]
        if not there:
            del self._subscribed[topic]

    def publish(self, topic: str, data: Any) -> int:
        """Tell everybody subscribed; the message's number in its topic."""
        sequence = self._sequence[topic] = self._sequence.get(topic, 0) + 1
        if len(self._sequence) > _MOST_NUMBERED:
            del self._sequence[next(iter(self._sequence))]
        self._counts.published.messages += 1
        if there := self._subscribed.get(topic):
            frame = _frame({"type": "message", "topic": topic, "data": data, "sequence": sequence})
            for subscriber in tuple(there):
                self._fanout.copy(subscriber, frame)
        return sequence


class Conversation:
    """One connection's side."""

    def __init__(self, topics: Topics, outlet: Outlet) -> None:
        self._topics = topics
        self._outlet = outlet
        self._subscriptions: dict[str, Subscriber] = {}

    def hear(self, text: str) -> None:
        """Answer one message; what makes no sense is answered by an error."""
        try:
            asked = orjson.loads(text)
        except orjson.JSONDecodeError:
            asked = None
        if not isinstance(asked, dict) or is_too_deep(asked):
            return self._say({"type": "error", "message": "Send a JSON object with a type."})
        answer = self._answer(asked)
        if "id" in asked:
            answer["id"] = asked["id"]
        elif answer["type"] == "published":
            return None
        return self._say(answer)

    def close(self) -> None:
        """Unsubscribe from everything, as the connection has ended."""
        while self._subscriptions:
            self._topics.unsubscribe(*self._subscriptions.popitem())

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        kind, topic = asked.get("type"), asked.get("topic")
        if kind == "ping":
            return {"type": "pong"}
        if kind not in {"subscribe", "unsubscribe", "publish"}:
            return {"type": "error", "message": f"The type is unknown; there are {_TYPES}."}
        if not isinstance(topic, str) or not topic:
            return {"type": "error", "message": f"To {kind}, give a topic."}
        if kind == "publish":
            sequence = self._topics.publish(topic, asked.get("data"))
            return {"type": "published", "topic": topic, "sequence": sequence}
        if kind == "subscribe":
            if topic not in self._subscriptions:
                if len(self._subscriptions) == MOST_SUBSCRIPTIONS:
                    most = f"One connection has at most {MOST_SUBSCRIPTIONS} subscriptions."
                    return {"type": "error", "message": most}
                self._subscriptions[topic] = Subscriber(self._outlet)
                self._topics.subscribe(topic, self._subscriptions[topic])
            return {"type": "subscribed", "topic": topic}
        if (subscriber := self._subscriptions.pop(topic, None)) is not None:
            self._topics.unsubscribe(topic, subscriber)
        return {"type": "unsubscribed", "topic": topic}

    def _say(self, message: dict[str, Any]) -> None:
        self._outlet.send(_frame(message))


def _frame(message: dict[str, Any]) -> bytes:
    return text_frame(orjson.dumps(message))

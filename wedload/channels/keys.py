"""What a message is about: its key, and its place in an order, by the channel's expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wedload.channels.port import Place
from wedload.channels.scope import ChannelScope
from wedload.plan.expressions.expression import EVALUATION_ERRORS, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wedload.channels.message import Message
    from wedload.plan.channels import Channel


def key_text(value: Any) -> str:
    """A key as both sides compare it: 17 and "17" are the same.

    Raises:
        ValueError: there is none.
    """
    if value is None:
        raise ValueError("the key is null")
    return text_of(value)


class Keys:
    """Reads the messages of one channel."""

    def __init__(
        self,
        channel: Channel,
        env: Mapping[str, str],
        secrets: Mapping[str, str] | None = None,
    ) -> None:
        self._scope = ChannelScope(env, secrets=secrets)
        self._key = channel.key.evaluate
        self._sequence = _evaluated(channel.sequence)
        self._entity = _evaluated(channel.entity)

    def of(self, message: Message) -> tuple[str, Place | None] | None:
        """Key and place of a message; None: it has no key.

        One without a place in the order, or an odd one, has none.
        """
        scope = self._scope
        scope.response = message
        try:
            key = key_text(self._key(scope))
        except EVALUATION_ERRORS:
            return None
        if self._sequence is None:
            return key, None
        try:
            entity = "" if self._entity is None else text_of(self._entity(scope))
            return key, Place(entity, float(self._sequence(scope)))
        except EVALUATION_ERRORS:
            return key, None


def _evaluated(expression: Any) -> Callable[[Any], Any] | None:
    return None if expression is None else expression.evaluate

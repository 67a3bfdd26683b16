"""The hearing of a publisher, to whom what others say is nothing; a `Hearing`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.channels.message import Message
    from wedload.channels.port import Place


class Unheard:
    """Tells when the connection is gone, and nothing else."""

    def __init__(self, gone: Callable[[int], None]) -> None:
        self._gone = gone

    def heard(
        self, key: str, at_ns: int, subscriber: int, place: Place | None, message: Message
    ) -> None:
        """Nothing."""

    def arrived(self, key: str, at_ns: int) -> None:
        """Nothing."""

    def unexpected(self, _message: Message) -> None:
        """Nothing."""

    def joined(self, subscriber: int, at_ns: int) -> None:
        """Nothing."""

    def left(self, subscriber: int, at_ns: int) -> None:  # noqa: ARG002 - of a port
        """The connection is gone."""
        self._gone(at_ns)

    def count(self, metric: str, outcome: str = "", by: int = 1) -> None:
        """Nothing."""

    def timed(self, metric: str, duration_ns: int) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""

"""A table that keeps so many entries at most, and forgets the oldest first. Pure."""

from __future__ import annotations

from typing import Final, Generic, TypeVar

Value = TypeVar("Value")

#: of events, e-mails, keys …: a run of minutes has fewer, and a long one shall not fill the memory
MOST_KEPT: Final = 100_000


class Remembered(Generic[Value]):
    """Entries by key."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._entries: dict[str, Value] = {}
        self.forgotten = 0  # how many were

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def get(self, key: str) -> Value | None:
        """What is kept by a key; None: nothing."""
        return self._entries.get(key)

    def keep(self, key: str, value: Value) -> Value | None:
        """Keep an entry as the newest; what had to be forgotten for it. O(1)."""
        self._entries.pop(key, None)
        self._entries[key] = value
        if len(self._entries) <= self._most:
            return None
        self.forgotten += 1
        return self._entries.pop(next(iter(self._entries)))

"""Whether messages of an entity come in the order in which they were sent. Pure."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from wedload.channels.port import Place

#: numbers that are kept at most, over all entities and subscribers: 8 MB
_MOST_NUMBERS: Final = 1_000_000
_NOTHING: Final = float("-inf")


class Ordering:
    """The highest sequence number that each subscriber has seen of each entity.

    A message is out of order if one of its entity that was sent later came before it: of two that
    are swapped it is the first. Entities without a message for the longest are forgotten.
    """

    def __init__(self, subscribers: int) -> None:
        self._subscribers = subscribers
        self._most = max(_MOST_NUMBERS // subscribers, 1_000)
        self._highest: OrderedDict[str, array[float]] = OrderedDict()
        self.forgotten = 0  # entities

    def overtaken(self, place: Place, subscriber: int) -> bool:
        """Whether a message that comes now comes behind one that was sent after it."""
        highest = self._highest.get(place.entity)
        if highest is None:
            highest = self._highest[place.entity] = array("d", [_NOTHING]) * self._subscribers
            if len(self._highest) > self._most:
                self._highest.popitem(last=False)
                self.forgotten += 1
        else:
            self._highest.move_to_end(place.entity)
        if place.sequence < highest[subscriber]:
            return True
        highest[subscriber] = place.sequence
        return False

"""What of the live view a low terminal has room for. Pure."""

from __future__ import annotations

from typing import Final

MOST_CHANNELS: Final = 4  # that have a line
MOST_DEPENDENCIES: Final = 4  # likewise
#: which of steps (0), channels (1), third parties (2) and rows (3) has fewer lines first, and how
#: many it keeps then
_GIVE_WAY: Final = (
    (0, 3), (1, 1), (2, 1), (3, 2), (0, 1), (3, 1), (2, 0), (1, 0), (3, 0), (0, 0),
)  # fmt: skip


def shown_of(height: int, there: tuple[int, int, int, int]) -> list[int]:
    """How many steps, channels, third parties and benchmark rows have a line in so many lines.

    Each kind has a head, and a line for those that are left out; of a kind without room for its
    first nothing is shown.
    """
    shown = [there[0], min(there[1], MOST_CHANNELS), min(there[2], MOST_DEPENDENCIES), there[3]]

    def lines(place: int) -> int:
        kept = shown[place]
        return 1 + kept + (kept < there[place]) if kept else 0

    for place, least in _GIVE_WAY:
        while shown[place] > least and sum(map(lines, range(len(there)))) > height:
            shown[place] -= 1
    return shown

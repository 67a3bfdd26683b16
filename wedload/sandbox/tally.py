"""The server's own exact count of the requests it finished. Knows no route and no clock."""

from __future__ import annotations

from collections import defaultdict


class Tally:
    """Counts per route template and status, for tests to compare with what a client counted."""

    def __init__(self) -> None:
        self._counts: defaultdict[str, defaultdict[str, int]] = defaultdict(
            lambda: defaultdict(int)
        )

    def add(self, route: str, status: int) -> None:
        """Count one finished request. O(1), on every request's path."""
        self._counts[route][str(status)] += 1

    def as_dict(self) -> dict[str, dict[str, int]]:
        """A copy: `{"GET /path": {"200": 3}}`."""
        return {route: dict(counts) for route, counts in sorted(self._counts.items())}

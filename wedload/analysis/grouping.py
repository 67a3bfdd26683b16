"""Who can be at fault: the parts of a split, gathered by what they are. Pure.

What a service does itself and the queues before it are one: a service that is busy makes requests
wait before it looks at them. Waiting for a connection of its pool is apart, whichever service
tells of it, as a larger pool, or shorter queries, are the remedy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from wedload.analysis.split import is_database, is_pool

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from wedload.analysis.growth import Growth
    from wedload.analysis.split import PartKey, Split
    from wedload.results.model import Result

#: `home`: the service that requests come to, with the queues before it; `rest`: what nobody tells
GroupKind = Literal["home", "pool", "database", "third party", "service", "rest"]
_NOBODY: Final = ""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Parts of a mean response that one cause makes long."""

    kind: GroupKind
    service: str
    places: tuple[int, ...]  # of the split's keys
    low_ms: float
    high_ms: float
    low_resampled: NDArray[np.float64]
    high_resampled: NDArray[np.float64]

    @property
    def grew_ms(self) -> float:
        """From the lowest load to the highest."""
        return self.high_ms - self.low_ms


def groups_of(result: Result, split: Split, growth: Growth) -> list[Group]:
    """All groups; none where the growth has no split."""
    parties = third_parties(result)
    places: dict[tuple[GroupKind, str], list[int]] = {}
    last = len(growth.keys) - 1
    for at, key in enumerate(growth.keys):
        kind = _kind(key, split.home, parties, rest=at == last)
        service = split.home or _NOBODY if kind == "home" else key.service
        places.setdefault((kind, service), []).append(at)
    return [
        Group(
            kind, service, tuple(where),
            float(growth.low_ms[where].sum()), float(growth.high_ms[where].sum()),
            growth.low_resampled[where].sum(axis=0), growth.high_resampled[where].sum(axis=0),
        )
        for (kind, service), where in places.items()
    ]  # fmt: skip


def third_parties(result: Result) -> frozenset[str]:
    """What third parties that wedload plays are called, by the plan and by their kind."""
    names = {name for one in result.dependencies for name in (one.name, str(one.simulate))}
    return frozenset(names - {"http"})


def _kind(key: PartKey, home: str | None, parties: frozenset[str], *, rest: bool) -> GroupKind:
    if rest:
        return "rest" if home is None else "home"
    if is_pool(key.operation):
        return "pool"
    if key.service in parties:
        return "third party"
    if is_database(key.service):
        return "database"
    return "home" if key.service == home else "service"


def operation_of(growth: Growth, group: Group, at: NDArray[np.float64]) -> tuple[str | None, float]:
    """The operation with the most of a group by some measure, and its share of the group's."""
    named = [place for place in group.places if growth.keys[place].operation is not None]
    whole = sum(max(float(at[place]), 0.0) for place in group.places)
    if not named or whole <= 0:
        return None, 0.0
    most = max(named, key=lambda place: float(at[place]))
    return growth.keys[most].operation, float(at[most]) / whole

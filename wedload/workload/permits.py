"""What a run may contact beyond this machine, as its coordinator has proven and pinned it. Data.

Every process of a run gets it with the settings, and connects to nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeVar

_Limit = TypeVar("_Limit", int, Fraction)


@dataclass(frozen=True, slots=True)
class Caps:
    """What the owner of a host allows at most; None: no limit is said."""

    max_rate: Fraction | None = None  # requests a second
    max_vus: int | None = None
    max_duration_ns: int | None = None

    def __or__(self, other: Caps) -> Caps:
        """Both: of each limit the lower one."""
        return Caps(
            _lower(self.max_rate, other.max_rate),
            _lower(self.max_vus, other.max_vus),
            _lower(self.max_duration_ns, other.max_duration_ns),
        )


@dataclass(frozen=True, slots=True)
class Permit:
    """A host that is declared and proven, and the addresses that it had then."""

    host: str  # as `normal_host` writes it
    addresses: tuple[str, ...]
    caps: Caps = field(default_factory=Caps)


@dataclass(frozen=True, slots=True)
class Permits:
    """All of a run; none: it stays on this machine."""

    hosts: tuple[Permit, ...] = ()

    def of(self, host: str) -> Permit | None:
        """That of a host, as `normal_host` writes it."""
        return next((one for one in self.hosts if one.host == host), None)

    @property
    def addresses(self) -> frozenset[str]:
        """The addresses of all hosts."""
        return frozenset(address for one in self.hosts for address in one.addresses)

    @property
    def caps(self) -> Caps:
        """What the owners of all hosts allow at most: of each limit the lowest."""
        caps = Caps()
        for one in self.hosts:
            caps |= one.caps
        return caps


def _lower(one: _Limit | None, other: _Limit | None) -> _Limit | None:
    return other if one is None else one if other is None else min(one, other)

"""Which faults of which services are in force, and whom they hit. Opens nothing.

Times are seconds of the clock that is given; chance is seeded, so the same faults hit the same
ones of the same sequence.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any, Final, Literal, cast, get_args

from ..validation import Problems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from random import Random

Service = Literal["database", "webhooks", "realtime", "api"]
SERVICES: Final[tuple[Service, ...]] = get_args(Service)
MOST_FAULTS: Final = 100
LONGEST_S: Final = 604_800.0  # a week
LONGEST_LATENCY_MS: Final = 600_000.0
_KEYS: Final = (
    *("service", "begin_s", "end_s", "latency_ms", "jitter_ms", "status", "down", "toxicity"),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, in force from `begin_s` until just before `end_s`, counted from its arming.

    `latency_s` ± `jitter_s` is how much later things happen; `toxicity` the share that is hit.
    """

    service: Service
    begin_s: float = 0.0
    end_s: float = inf
    latency_s: float = 0.0
    jitter_s: float = 0.0
    status: int | None = None
    down: bool = False
    toxicity: float = 1.0


@dataclass(frozen=True, slots=True)
class Hit:
    """What somebody suffers; of several faults the latencies add up."""

    late_s: float = 0.0
    status: int | None = None
    down: bool = False


class Faults:
    """Those that are armed. `armed` is the one thing to ask on a busy path."""

    def __init__(self, clock: Callable[[], float], random: Random) -> None:
        self._clock = clock
        self._random = random
        self._since_s = 0.0
        self._faults: tuple[Fault, ...] = ()
        self._changed = asyncio.Event()
        self.hits: dict[str, int] = dict.fromkeys(SERVICES, 0)

    @property
    def armed(self) -> bool:
        """Whether there are any, in force or to come."""
        return bool(self._faults)

    def arm(self, faults: Iterable[Fault]) -> None:
        """Have these from now on, and no others."""
        self._since_s = self._clock()
        self._faults = tuple(faults)
        self._changed.set()
        self._changed = asyncio.Event()

    def disarm(self) -> None:
        """End all."""
        self.arm(())

    def hit(self, service: Service) -> Hit | None:
        """What the next one of this service suffers; None: nothing."""
        if not self._faults:
            return None
        late_s, status, down, struck = 0.0, None, False, False
        for fault in self._in_force(service):
            if fault.toxicity < 1 and self._random.random() >= fault.toxicity:
                continue
            struck = True
            late_s += self._latency_s(fault)
            status = fault.status if status is None else status
            down = down or fault.down
        if not struck:
            return None
        self.hits[service] += 1
        return Hit(late_s, status, down)

    def is_down(self, service: Service) -> bool:
        """Whether all of the service is; where only a share of it is, chance decides by `hit`."""
        return self.armed and any(
            fault.down and fault.toxicity >= 1 for fault in self._in_force(service)
        )

    def downs(self, service: Service) -> list[Fault]:
        """Those that take the service down, now or later."""
        return [fault for fault in self._faults if fault.service == service and fault.down]

    def strikes(self, fault: Fault) -> bool:
        """Whether the fault hits the next one."""
        return fault.toxicity >= 1 or self._random.random() < fault.toxicity

    async def until_up(self, service: Service) -> None:
        """Return once no fault has it down, not even for a share of what it does."""
        while ends := [fault.end_s for fault in self._in_force(service) if fault.down]:
            left_s = max(ends) + self._since_s - self._clock()
            changed = self._changed
            try:
                async with asyncio.timeout(None if left_s == inf else max(left_s, 0.001)):
                    await changed.wait()
            except TimeoutError:
                pass

    def _in_force(self, service: Service) -> list[Fault]:
        at_s = self._clock() - self._since_s
        return [
            fault
            for fault in self._faults
            if fault.service == service and fault.begin_s <= at_s < fault.end_s
        ]

    def _latency_s(self, fault: Fault) -> float:
        if not fault.jitter_s:
            return fault.latency_s
        return max(0.0, fault.latency_s + self._random.uniform(-fault.jitter_s, fault.jitter_s))


def check_faults(body: dict[str, Any]) -> list[Fault]:
    """The faults of a request.

    Raises:
        ApiError: 422, naming each wrong field.
    """
    problems = Problems()
    problems.unknown_keys(body, ("faults",))
    given = body.get("faults")
    if not isinstance(given, list) or len(given) > MOST_FAULTS:
        said = f"must be a list of at most {MOST_FAULTS} faults"
        problems.add("faults", "missing" if given is None else said)
        given = []
    found = [_fault(each, f"faults[{n}]", problems) for n, each in enumerate(given)]
    problems.finish()
    return found


def _fault(each: Any, at: str, problems: Problems) -> Fault:
    if not isinstance(each, dict):
        problems.add(at, "must be an object")
        return Fault("api")
    at += "."
    problems.unknown_keys(each, _KEYS, at)
    service = each.get("service")
    if service not in SERVICES:
        problems.add(f"{at}service", f"must be one of {', '.join(SERVICES)}")
    found = Fault(
        service=cast("Service", service),
        begin_s=_number(each, "begin_s", at, problems, 0.0, LONGEST_S),
        end_s=_number(each, "end_s", at, problems, inf, LONGEST_S),
        latency_s=_number(each, "latency_ms", at, problems, 0.0, LONGEST_LATENCY_MS) / 1000,
        jitter_s=_number(each, "jitter_ms", at, problems, 0.0, LONGEST_LATENCY_MS) / 1000,
        status=_status(each.get("status"), at, problems),
        down=each.get("down") is True,
        toxicity=_number(each, "toxicity", at, problems, 1.0, 1.0),
    )
    if each.get("down") not in (None, True, False):
        problems.add(f"{at}down", "must be true or false")
    if found.end_s <= found.begin_s:
        problems.add(f"{at}end_s", "must be after begin_s")
    if found.status is not None and service != "api":
        problems.add(f"{at}status", "only the api has one")
    if not (found.latency_s or found.jitter_s or found.status or found.down):
        problems.add(at[:-1], "does nothing: give latency_ms, jitter_ms, status or down")
    return found


def _status(value: object, at: str, problems: Problems) -> int | None:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 400 <= value <= 599:
        return value
    problems.add(f"{at}status", "must be 400 to 599")
    return None


def _number(
    each: dict[str, Any], key: str, at: str, problems: Problems, default: float, most: float
) -> float:
    value = each.get(key)
    if value is None:
        return default
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most:
        return float(value)
    problems.add(f"{at}{key}", f"must be a number from 0 to {most:g}")
    return default

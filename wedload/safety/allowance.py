"""How many virtual users each scenario may have, so that all together stay within a cap. Pure.

Every load process and the coordinator know one, and all find the same: a scenario's virtual users
are shared out by number, so that nobody has to be asked. A plan that was checked asks for no more
than the cap (wedload.safety.caps); only scenarios that people scale come to it, and what got past
the check is cut down here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wedload.safety.asks import Ask, busiest, total_vus, vus_asked
from wedload.workload.schedule import ControlledSchedule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.workload.compile_plan import CompiledScenario


class _Leaving(NamedTuple):
    """Virtual users that are not wanted any more and finish their iteration."""

    vus: int  # with those that stay
    until_ns: int  # instant


class Allowance:
    """The virtual users that each scenario may have, over all load processes together."""

    def __init__(self, scenarios: Sequence[CompiledScenario], max_vus: int | None) -> None:
        self._scenarios = {one.name: one for one in scenarios}
        self.cap = max_vus  # None: there is none
        self._vus: dict[str, int] = {}
        self._leaving: dict[str, _Leaving] = {}
        for one in scenarios:
            asked = vus_asked(one.schedule)
            self._vus[one.name] = 0
            self._vus[one.name] = min(asked, self.most(one.name, 0))

    def copy(self) -> Allowance:
        """Another one, to be tried before it is taken over."""
        other = Allowance(tuple(self._scenarios.values()), self.cap)
        other._vus, other._leaving = dict(self._vus), dict(self._leaving)
        return other

    def of(self, scenario: str, now_ns: int) -> int:
        """What a scenario may have now, those included that are still finishing."""
        leaving = self._leaving.get(scenario)
        if leaving is None or now_ns >= leaving.until_ns:
            return self._vus[scenario]
        return max(self._vus[scenario], leaving.vus)

    def most(self, scenario: str, now_ns: int) -> int:
        """The most that a scenario could have now, beside what the others have."""
        schedule = self._scenarios[scenario].schedule
        if self.cap is None:
            return schedule.most_vus
        others = max(self.cap - self.beside(scenario, now_ns), 0)
        return min(schedule.most_vus, others)

    def beside(self, scenario: str, now_ns: int) -> int:
        """The most virtual users that the others have at any time while a scenario lasts."""
        own = _ask(self._scenarios[scenario], 0)
        others = (
            _ask(one, self.of(name, now_ns))
            for name, one in self._scenarios.items()
            if name != scenario and name in self._vus
        )
        return total_vus(busiest(one for one in others if one.meets(own)))

    def grant(self, scenario: str, vus: int, now_ns: int) -> int:
        """Let a scenario that people scale have so many, or as many of them as it may."""
        schedule = self._scenarios[scenario].schedule
        granted = min(vus, self.most(scenario, now_ns))
        if granted < self._vus[scenario] and isinstance(schedule, ControlledSchedule):
            until_ns = now_ns + schedule.graceful_ramp_down_ns
            self._leaving[scenario] = _Leaving(self.of(scenario, now_ns), until_ns)
        self._vus[scenario] = granted
        return granted


def _ask(scenario: CompiledScenario, vus: int) -> Ask:
    gone_ns = max(scenario.end_ns + scenario.graceful_stop_ns, scenario.start_ns + 1)
    return Ask(scenario.name, vus, scenario.start_ns, scenario.end_ns, gone_ns)

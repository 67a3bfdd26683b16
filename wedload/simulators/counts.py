"""What a simulated third party has seen: counted, and shown as JSON and to Prometheus. Pure.

Source of the text format: https://prometheus.io/docs/instrumenting/exposition_formats/ (0.0.4).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.simulators.attempt import Attempt

PROMETHEUS: Final = "text/plain; version=0.0.4; charset=utf-8"


class Counts:
    """Attempts of one dependency."""

    def __init__(self, dependency: str) -> None:
        self._dependency = dependency
        self._attempts: Counter[tuple[str, str, int]] = Counter()  # endpoint, outcome, status
        self._done: Counter[str] = Counter()  # by endpoint
        self._duration_ns: Counter[str] = Counter()  # by endpoint
        self.refused: Counter[str] = Counter()  # what is no request, by reason

    def add(self, attempt: Attempt) -> None:
        """Count one."""
        endpoint = attempt.endpoint
        self._attempts[endpoint, attempt.outcome, attempt.status] += 1
        self._done[endpoint] += attempt.done
        self._duration_ns[endpoint] += attempt.ended_ns - attempt.arrived_ns

    def shown(self) -> dict[str, Any]:
        """All figures, for JSON."""
        attempts = sorted(self._attempts.items())
        outcomes: Counter[str] = Counter()
        for (_, outcome, _), number in attempts:
            outcomes[outcome] += number
        return {
            "dependency": self._dependency,
            "requests": sum(outcomes.values()),
            "accepted": sum(self._done.values()),
            "over_quota": outcomes["quota"],
            "outcomes": dict(sorted(outcomes.items())),
            "attempts": [
                {"endpoint": endpoint, "outcome": outcome, "status": status, "count": number}
                for (endpoint, outcome, status), number in attempts
            ],
            "refused": dict(sorted(self.refused.items())),
        }

    def exposition(self) -> str:
        """All figures, as Prometheus reads them."""
        return "".join(f"{line}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        name = "wedload_dependency_requests_total"
        yield from _about(name, "counter", "Requests to a simulated third party.")
        for (endpoint, outcome, status), number in sorted(self._attempts.items()):
            labels = self._labels(endpoint=endpoint, outcome=outcome, status=str(status))
            yield f"{name}{labels} {number}"
        name = "wedload_dependency_accepted_total"
        yield from _about(name, "counter", "Requests that the third party carried out.")
        for endpoint, number in sorted(self._done.items()):
            yield f"{name}{self._labels(endpoint=endpoint)} {number}"
        name = "wedload_dependency_duration_seconds"
        yield from _about(name, "summary", "Request read until its answer was handed over.")
        for endpoint, total_ns in sorted(self._duration_ns.items()):
            labels = self._labels(endpoint=endpoint)
            number = sum(count for key, count in self._attempts.items() if key[0] == endpoint)
            yield f"{name}_sum{labels} {total_ns / NS_PER_S:.9f}"
            yield f"{name}_count{labels} {number}"
        name = "wedload_dependency_refused_total"
        yield from _about(name, "counter", "What came and was no request, by reason.")
        for reason, number in sorted(self.refused.items()):
            yield f"{name}{self._labels(reason=reason)} {number}"

    def _labels(self, **labels: str) -> str:
        pairs = {"dependency": self._dependency, **labels}
        return "{" + ",".join(f'{key}="{_escaped(value)}"' for key, value in pairs.items()) + "}"


def _about(name: str, kind: str, text: str) -> tuple[str, str]:
    return f"# HELP {name} {text}", f"# TYPE {name} {kind}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")

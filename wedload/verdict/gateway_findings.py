"""What is to be known of a gateway before the figures through it are believed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.dependencies.envoy import OVERFLOWS, RETRIES
from wedload.units import counted
from wedload.verdict.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wedload.dependencies.envoy import Envoy


def gateway_findings(envoys: Mapping[str, Envoy]) -> Iterable[Finding]:
    """Retries and overflows, and counters that are not known: by route."""
    for name, envoy in envoys.items():
        if envoy.problem is not None:
            yield Finding(
                "envoy-unknown", f"Route {name}, Envoy at {envoy.admin}: {envoy.problem}.",
                invalidates=False,
            )  # fmt: skip
        for cluster, counts in envoy.clusters.items():
            what = [
                f"{counted(counts[one], noun)}"
                for one, noun in (
                    (RETRIES[0], "repeated request"),
                    (OVERFLOWS[0], "retry overflow"),
                    (OVERFLOWS[1], "request overflow"),
                    (OVERFLOWS[2], "connection overflow"),
                )
                if counts[one]
            ]
            if what:
                yield Finding(
                    "gateway-retries",
                    f"Route {name}, cluster {cluster}: Envoy counted {', '.join(what)} in "
                    f"{counted(counts['upstream_rq_total'], 'request')} to it. What was sent again "
                    "hides failures behind longer answers, and what overflowed was never sent; see "
                    "its retry policy and circuit breakers.",
                    invalidates=False,
                )

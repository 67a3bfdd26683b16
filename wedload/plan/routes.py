"""Two ways to the same platform: past a gateway, and through it; steps send pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from wedload.plan.fields import STRICT

RouteName = Literal["direct", "via"]
#: what samples are told apart by; the two ways, as selectors and results call them
DIRECT: Final[RouteName] = "direct"
VIA: Final[RouteName] = "via"
#: metrics of pairs: their `route` is the name of the table, not one of its two ways
OF_PAIRS: Final = frozenset({"route_overhead", "route_pairs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayRoute:
    """Where a platform is without a gateway, and through it."""

    __pydantic_config__: ClassVar = STRICT
    direct: str | None = None  # base URL; None: that of the target
    via: str
    envoy: str | None = None  # of its admin interface, if the gateway is an Envoy

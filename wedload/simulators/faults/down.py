"""`down`, for what knows connections and no requests: a proxy.

While it is in force on all connections, nobody listens; on a share of them, those are reset.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wedload.plan.faults import Fault
    from wedload.simulators.faults.lots import Lot


def closed_by(active: Iterable[Fault]) -> Fault | None:
    """The fault for which nobody is to listen, if there is one."""
    return next((one for one in active if one.down and one.toxicity >= 1), None)


def reset_by(active: Iterable[Fault], lot: Lot) -> Fault | None:
    """The fault for which this connection is to be reset, if there is one."""
    return next((one for one in active if one.down and lot.suffers(one)), None)

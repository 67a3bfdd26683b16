"""Labels of a series: what it is of, by the plan's catalogue, and so bounded by it. Pure.

Source: https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wedload.plan.monitoring import OWN_LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wedload.export.model import Labels
    from wedload.metrics.catalogue import Phase, Series

_NO_LABEL: Final = re.compile(r"[^a-zA-Z0-9_]")
_OF_SERIES: Final = (
    "scenario", "workflow", "step", "group", "check", "channel", "dependency", "route",
)  # fmt: skip


def labels(found: Mapping[str, str | None]) -> Labels:
    """Sorted by name, without those that are empty."""
    return tuple(sorted((name, value) for name, value in found.items() if value))


def series_labels(common: Mapping[str, str], series: Series, phase: Phase, outcome: str) -> Labels:
    """Those of a cell: of phases the stage alone, as faults come and go within one."""
    own = {name: getattr(series, name) for name in _OF_SERIES}
    tags = {tag_label(name): value for name, value in series.tags}
    return labels({**tags, **common, **own, "stage": phase.stage, "outcome": outcome})


def tag_label(tag: str) -> str:
    """The label of a plan's tag: what cannot stand in one is _, and none takes another's place."""
    name = _NO_LABEL.sub("_", tag)
    is_free = name not in OWN_LABELS and not name.startswith("__") and not name[:1].isdigit()
    return name if name and is_free else f"tag_{name}"

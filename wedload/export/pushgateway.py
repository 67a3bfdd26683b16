"""A Pushgateway: keeps the last verdict of a plan, for a Prometheus to fetch when the run is over.

What is pushed takes the place of what the run of the plan before has pushed.

Source: https://github.com/prometheus/pushgateway, "API"
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Final

from wedload.about import __version__
from wedload.export.exposition import exposed

if TYPE_CHECKING:
    from wedload.export.endpoint import Endpoint
    from wedload.export.model import Picture

NAME: Final = "prometheus.pushgateway"
_PLAIN: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")


def path_of(job: str, plan: str) -> str:
    """Below which path the metrics of a plan are kept."""
    return f"/metrics{_pair('job', job)}{_pair('plan', plan)}"


def _pair(label: str, value: str) -> str:
    """A label and its value; one that cannot stand in a path is in base64."""
    if _PLAIN.fullmatch(value):
        return f"/{label}/{value}"
    # without a value the padding alone says that there is a segment
    encoded = base64.urlsafe_b64encode(value.encode()).decode().rstrip("=") or "="
    return f"/{label}@base64/{encoded}"


class Pushgateway:
    """Of one run. Implements `wedload.export.port.Exporter`."""

    name = NAME

    def __init__(self, endpoint: Endpoint, job: str, plan: str) -> None:
        self._endpoint = endpoint
        self._path = path_of(job, plan)

    @property
    def to(self) -> str:
        """Where to."""
        return self._endpoint.shown

    async def open(self) -> None:
        """Nothing is to be made ready."""

    async def send(self, picture: Picture) -> None:
        """Put it in the place of what is there."""
        body, content_type = exposed(picture)
        headers = {"Content-Type": content_type, "User-Agent": f"wedload/{__version__}"}
        await self._endpoint.send("PUT", self._path, body, headers)

    async def close(self) -> None:
        """Close its connections."""
        await self._endpoint.close()

"""What a plan says that the figures of its runs go to, as exporters that are not open yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.errors import UsageError
from wedload.export.json_lines import JsonLines
from wedload.fleet.packages import require_exposition
from wedload.plan.checks.listening import address_of
from wedload.plan.confinement import FileRefusedError

if TYPE_CHECKING:
    from wedload.export.port import Exporter
    from wedload.plan.loader import LoadedPlan
    from wedload.plan.monitoring import Monitoring
    from wedload.run.endpoints import Endpoints


class Exporters:
    """Makes those of one run.

    All methods raise UsageError: nothing may go there, or a package is missing.
    """

    def __init__(self, asked: Monitoring, loaded: LoadedPlan, endpoints: Endpoints) -> None:
        self._asked = asked
        self._loaded = loaded
        self._endpoints = endpoints

    async def of_load(self) -> list[Exporter]:
        """Those that get the figures while the load lasts."""
        found: list[Exporter] = []
        prometheus = self._asked.prometheus
        if prometheus is not None and prometheus.listen is not None:
            found.append(_scrape(prometheus.listen))
        if self._asked.json_lines is not None:
            found.append(self._json_lines(self._asked.json_lines))
        return found

    async def of_verdict(self) -> list[Exporter]:
        """Those that get the verdict when it is known, and nothing before."""
        return []

    def _json_lines(self, name: str) -> Exporter:
        try:
            return JsonLines(self._loaded.folders.place(name))
        except FileRefusedError as error:  # since the plan was checked
            positions = self._loaded.positions
            line = positions.line(("monitoring", "json_lines"))
            raise UsageError(
                f"{positions.file}:{line}: json_lines: {error}",
                error.hint or "name a file beside the plan",
            ) from None


def _scrape(listen: str) -> Exporter:
    require_exposition()
    from wedload.export.scrape import Scrape  # noqa: PLC0415 - an optional dependency

    address = address_of(listen)
    assert address is not None  # the plan was checked
    return Scrape(*address)

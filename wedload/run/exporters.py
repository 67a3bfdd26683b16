"""What a plan says that the figures of its runs go to, as exporters that are not open yet.

What each takes is an optional dependency, and so imported with the first of its kind.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from wedload.errors import UsageError
from wedload.export.json_lines import JsonLines
from wedload.fleet.packages import require_monitoring
from wedload.plan.checks.listening import address_of
from wedload.plan.confinement import FileRefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wedload.export.port import Exporter
    from wedload.plan.expressions.template import Template
    from wedload.plan.loader import LoadedPlan
    from wedload.plan.monitoring import Monitoring, Prometheus
    from wedload.plan.monitoring import Otlp as OtlpAsked
    from wedload.run.endpoints import Endpoints


class Exporters:
    """Makes those of one run.

    All methods raise UsageError: nothing may go there, or a package is missing.
    """

    def __init__(
        self,
        asked: Monitoring,
        loaded: LoadedPlan,
        endpoints: Endpoints,
        common: Mapping[str, str],
    ) -> None:
        """`common`: labels of all series of the run."""
        self._asked = asked
        self._loaded = loaded
        self._endpoints = endpoints
        self._common = common

    async def of_load(self) -> list[Exporter]:
        """Those that get the figures while the load lasts."""
        require_monitoring(self._asked)
        found: list[Exporter] = []
        if (prometheus := self._asked.prometheus) is not None:
            if prometheus.remote_write is not None:
                found.append(await self._remote_write(prometheus, prometheus.remote_write))
            if prometheus.listen is not None:
                found.append(_scrape(prometheus.listen))
        if self._asked.otlp is not None:
            found.append(await self._otlp(self._asked.otlp))
        if self._asked.json_lines is not None:
            found.append(self._json_lines(self._asked.json_lines))
        return found

    async def of_verdict(self) -> list[Exporter]:
        """Those that get the verdict when it is known, and nothing before."""
        prometheus = self._asked.prometheus
        if prometheus is None or prometheus.pushgateway is None:
            return []
        from wedload.export.pushgateway import Pushgateway  # noqa: PLC0415 - see above

        path = "prometheus", "pushgateway"
        to = await self._endpoints.endpoint(path, prometheus.pushgateway, prometheus.headers)
        return [Pushgateway(to, prometheus.job, self._loaded.plan.name)]

    async def _remote_write(self, asked: Prometheus, url: Template) -> Exporter:
        from wedload.export.remote_write.sender import RemoteWrite  # noqa: PLC0415 - see above
        from wedload.export.remote_write.writing import Writing  # noqa: PLC0415 - see above

        to = await self._endpoints.endpoint(("prometheus", "remote_write"), url, asked.headers)
        common = {"job": asked.job, "instance": socket.gethostname()}
        return RemoteWrite(to, Writing(common, as_native=asked.histograms == "native"))

    async def _otlp(self, asked: OtlpAsked) -> Exporter:
        from wedload.export.otlp.sender import Otlp  # noqa: PLC0415 - see above

        to = await self._endpoints.endpoint(("otlp", "endpoint"), asked.endpoint, asked.headers)
        return Otlp(to, self._common)

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
    from wedload.export.scrape import Scrape  # noqa: PLC0415 - see above

    address = address_of(listen)
    assert address is not None  # the plan was checked
    return Scrape(*address)

"""OTLP over HTTP: pictures sent to a collector, in protobuf and gzip.

Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Final

from wedload.about import __version__
from wedload.export.otlp.messages import Metrics, refused
from wedload.export.parts import SentInParts
from wedload.export.port import ExportError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wedload.export.endpoint import Endpoint

NAME: Final = "otlp"
PATH: Final = "/v1/metrics"
HEADERS: Final = {
    "Content-Encoding": "gzip",
    "Content-Type": "application/x-protobuf",
    "User-Agent": f"wedload/{__version__}",
}
_GZIP_LEVEL: Final = 1  # the coordinator has better things to do
_MOST_WORDS: Final = 200


class Otlp(SentInParts):
    """Of one run. Implements `wedload.export.port.Exporter`."""

    name = NAME

    def __init__(self, endpoint: Endpoint, common: Mapping[str, str]) -> None:
        """`common`: labels of all series of the run."""
        super().__init__(endpoint, Metrics(common).requests)

    async def _post(self, request: bytes) -> None:
        body = gzip.compress(request, _GZIP_LEVEL)
        answer = await self._endpoint.send("POST", PATH, body, HEADERS)
        rejected, why = refused(answer.body)
        if rejected:
            said = f": {' '.join(why.split())[:_MOST_WORDS]}" if why else ""
            raise ExportError(f"{self.to} has not taken {rejected} data points{said}", lasting=True)

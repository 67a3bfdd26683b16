"""Remote write 1.0: pictures sent to a Prometheus, compressed.

What of a picture has arrived is not sent again when the rest is tried again: behind a marker that
a series has ended nothing older is taken.

Source: https://prometheus.io/docs/specs/prw/remote_write_spec/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import cramjam

from wedload.about import __version__
from wedload.export.parts import SentInParts

if TYPE_CHECKING:
    from wedload.export.endpoint import Endpoint
    from wedload.export.remote_write.writing import Writing

NAME: Final = "prometheus.remote_write"
HEADERS: Final = {
    "Content-Encoding": "snappy",
    "Content-Type": "application/x-protobuf",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
    "User-Agent": f"wedload/{__version__}",
}


class RemoteWrite(SentInParts):
    """Of one run. Implements `wedload.export.port.Exporter`."""

    name = NAME

    def __init__(self, endpoint: Endpoint, writing: Writing) -> None:
        super().__init__(endpoint, writing.requests)

    async def _post(self, request: bytes) -> None:
        body = bytes(cramjam.snappy.compress_raw(request))
        await self._endpoint.send("POST", body=body, headers=HEADERS)

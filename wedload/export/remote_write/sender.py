"""Remote write 1.0: pictures sent to a Prometheus, in requests that are bounded.

What of a picture has arrived is not sent again when the rest is tried again: behind a marker that
a series has ended nothing older is taken.

Source: https://prometheus.io/docs/specs/prw/remote_write_spec/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import cramjam

from wedload.about import __version__
from wedload.export.port import ExportError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.export.endpoint import Endpoint
    from wedload.export.model import Picture
    from wedload.export.remote_write.writing import Writing

NAME: Final = "prometheus.remote_write"
HEADERS: Final = {
    "Content-Encoding": "snappy",
    "Content-Type": "application/x-protobuf",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
    "User-Agent": f"wedload/{__version__}",
}


class RemoteWrite:
    """Of one run. Implements `wedload.export.port.Exporter`."""

    name = NAME

    def __init__(self, endpoint: Endpoint, writing: Writing) -> None:
        self._endpoint = endpoint
        self._writing = writing
        self._picture: Picture | None = None  # the one that is being sent
        self._left: Iterator[bytes] = iter(())  # requests of it
        self._request: bytes | None = None  # the one that has not arrived

    @property
    def to(self) -> str:
        """Where to."""
        return self._endpoint.shown

    async def open(self) -> None:
        """Nothing is to be made ready: the first picture says what is wrong."""

    async def send(self, picture: Picture) -> None:
        """Send it, or what is left of it; what one request is refused for does not keep others."""
        if picture is not self._picture:
            self._picture, self._request = picture, None
            self._left = self._writing.requests(picture)
        refused: ExportError | None = None
        while (request := self._request or next(self._left, None)) is not None:
            self._request = request
            body = bytes(cramjam.snappy.compress_raw(request))
            try:
                await self._endpoint.send("POST", body=body, headers=HEADERS)
            except ExportError as error:
                if not error.lasting:
                    raise
                refused = error
            self._request = None
        if refused is not None:
            raise refused

    async def close(self) -> None:
        """Close its connections."""
        await self._endpoint.close()

"""Standard streams that show no secret: what is written past everything else that redacts.

A warning, a traceback that nobody caught and what a library logs come out there.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from wedload.safety.redactor import KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO


class RedactedStream:
    """A text stream, but what is written to it is redacted; everything else is the stream's."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write it without secrets; as much as it was asked for counts as written."""
        self._stream.write(KNOWN(text))
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        """Write them without secrets."""
        self.write("".join(lines))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def redacted_streams() -> Iterator[None]:
    """Redact what is written to stdout and stderr meanwhile; bytes are their writer's business."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = map(RedactedStream, before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before

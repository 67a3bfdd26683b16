"""The kill switch of a run: a stop file that is looked for as long as the run lasts."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from wedload.control.stop_file import stop_file, stop_reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_LOOKS_EVERY_S: Final = 0.5


@contextmanager
def watched(environ: Mapping[str, str], seen: Callable[[str], None]) -> Iterator[None]:
    """Call `seen` once with what is said of the stop file, as soon as there is one.

    Used inside a running event loop.
    """

    async def watch() -> None:
        while (reason := stop_reason(environ)) is None:
            await asyncio.sleep(_LOOKS_EVERY_S)
        seen(f"the stop file {stop_file(environ)}" + (f" ({reason})" if reason else ""))

    watching = asyncio.create_task(watch(), name="stop file")
    try:
        yield
    finally:
        watching.cancel()

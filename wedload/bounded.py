"""What others wrote, read within limits: files, and JSON that came from anywhere.

JSON is refused where it is nested deeper than anybody means: what recurses over a value – comparing
it, handing it to another process – would fail on it much later, and take a run with it.
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any, Final

import orjson

#: levels of JSON that orjson writes, and so the most that is taken in (its documentation)
MOST_NESTED: Final = 254


def parse_json(data: bytes) -> Any:
    """The value of a JSON text; costs little more than `orjson.loads`.

    Raises:
        ValueError: it is none, or nested too deeply.
    """
    value = orjson.loads(data)
    # what has fewer brackets cannot be nested so deeply; of the rest orjson itself knows
    if data.count(b"[") + data.count(b"{") > MOST_NESTED:
        try:
            orjson.dumps(value)
        except TypeError:
            raise ValueError(f"JSON that is nested more than {MOST_NESTED} levels deep") from None
    return value


def read_bounded(path: str | Path, most_bytes: int) -> bytes:
    """What is in a file.

    Raises:
        OSError: it cannot be read, or is larger.
    """
    with Path(path).open("rb") as file:
        data = file.read(most_bytes + 1)
    if len(data) > most_bytes:
        why = f"it is larger than {most_bytes // 1_000_000:,} MB"
        raise OSError(errno.EFBIG, why, str(path))
    return data

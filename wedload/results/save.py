"""Writing a result: readable, and so that a reader never sees half of one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import orjson


def encode(result: dict[str, Any]) -> bytes:
    """A result as JSON that people can read: indented, but a line for each long list of numbers."""
    parts = []
    for key, value in result.items():
        if key == "series":
            rows = [f"    {_plain(name)}: {_series(one)}" for name, one in value.items()]
            text = "{\n" + ",\n".join(rows) + "\n  }"
        elif key == "histograms":
            text = _list([_line(one, 4) for one in value], 2)
        else:
            text = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode().replace("\n", "\n  ")
        parts.append(f"  {_plain(key)}: {text}")
    return ("{\n" + ",\n".join(parts) + "\n}").encode()


def _series(value: list[Any]) -> str:
    """A list of numbers in a line; a line for each of a list of series."""
    if value and isinstance(value[0], dict):
        return _list([_line(one, 6) for one in value], 4)
    return _plain(value)


def _plain(value: Any) -> str:
    return orjson.dumps(value).decode()


def _line(value: Any, indent: int) -> str:
    return " " * indent + _plain(value)


def _list(lines: list[str], indent: int) -> str:
    return "[\n" + ",\n".join(lines) + "\n" + " " * indent + "]" if lines else "[]"


def save(data: bytes, path: Path, *, make_folder: bool) -> None:
    """Write a file whole or not at all: to a temporary one beside it, which then takes its name.

    A link stays one: what it points to is replaced. A device or pipe (`/dev/null`) cannot be
    replaced and is written to.

    Raises:
        OSError: it could not be written; an older file of that name is untouched.
    """
    if make_folder:
        path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not path.is_file():
        with path.open("wb") as special:
            special.write(data)
        return
    path = path.resolve()
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise

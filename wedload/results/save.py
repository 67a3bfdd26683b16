"""Writing a result: readable, and so that a reader never sees half of one."""

from __future__ import annotations

import errno
import os
import secrets
from typing import TYPE_CHECKING, Any

import orjson

from wedload.private import make_private

if TYPE_CHECKING:
    from pathlib import Path


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
        make_private(path.parent)
    if path.exists() and not path.is_file():
        with path.open("wb") as special:
            special.write(data)
        return
    _require_no_foreign_link(path)
    path = path.resolve()
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    # the umask says who may read it, as of any file that a command writes
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _require_no_foreign_link(path: Path) -> None:
    """Refuse to follow a link that somebody else may have put there, as anybody can in /tmp."""
    if path.is_symlink() and path.lstat().st_uid not in {0, os.getuid()}:
        raise PermissionError(errno.EPERM, "it is a link that another user has made", str(path))

"""Canaries: secrets that are looked for in everything that was printed or stored."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, unquote, unquote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_URL_SAFE = str.maketrans("+/", "-_")
_PIECE = 9  # characters of a canary in a row that are one too many


def encodings(secret: str) -> dict[str, str]:
    """How a canary may be written, by what that is called."""
    data = secret.encode()
    found = {
        "plain": secret,
        "percent-encoded": quote(secret, safe=""),
        "path-encoded": quote(secret),
        "form-encoded": quote_plus(secret),
        "in JSON": json.dumps(secret)[1:-1],
        "in JSON twice": json.dumps(json.dumps(secret)[1:-1])[1:-1],
        "in HTML": html.escape(secret),
        "as Python shows it": repr(secret)[1:-1],
        "in hex": data.hex(),
        "in base32": base64.b32encode(data).decode().rstrip("="),
    }
    for how, escaped in {"": secret, " of JSON": json.dumps(secret)[1:-1]}.items():
        for before in range(3):
            whole = base64.b64encode(b"x" * before + escaped.encode()).decode()
            core = whole[4 if before else 0 : len(whole) // 4 * 4 - 4]
            found[f"in base64{how}, {before} behind"] = core
            found[f"in base64url{how}, {before} behind"] = core.translate(_URL_SAFE)
    return found


def leaks(texts: dict[str, str], canaries: Iterable[str]) -> list[str]:
    """Where canaries stand, in any encoding, whole or in pieces; empty: nowhere."""
    found = []
    for where, text in texts.items():
        for read, seen in _readings(text).items():
            for canary in canaries:
                for how, form in encodings(canary).items():
                    if form.lower() in seen:
                        found.append(f"{where}{read}: {how}: {_around(seen, form.lower())}")
                for piece in _pieces(canary.lower()):
                    if piece in seen:
                        found.append(f"{where}{read}: a piece: {_around(seen, piece)}")
                        break
    return found


def written(*folders: Path, but: Iterable[str] = ()) -> dict[str, str]:
    """What is in all files below folders, by their paths, but for files of these names."""
    return {
        str(path): path.read_bytes().rstrip(b"\0").decode("utf-8", "backslashreplace")
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and path.name not in but
    }


def _readings(text: str) -> dict[str, str]:
    """A text as it is, and with what others would undo."""
    flat = re.sub(r"[\n│|]\s*", "", text)  # as if no line had been broken
    readings = {
        "": text, " (decoded)": unquote(text), " (form)": unquote_plus(text),
        " (unescaped)": html.unescape(text), " (in one line)": flat,
    }  # fmt: skip
    return {name: reading.lower() for name, reading in readings.items()}


def _pieces(canary: str) -> Iterator[str]:
    return (canary[at : at + _PIECE] for at in range(len(canary) - _PIECE + 1))


def _around(text: str, form: str) -> str:
    at = text.index(form)
    return text[max(at - 60, 0) : at + len(form) + 20]

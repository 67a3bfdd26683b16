"""How a secret may stand in a text: the forms that are looked for, and escapes that are undone.

What can be undone – percent-encoding, the escapes of JSON, Python, HTML and XML, in any mixture,
case and depth – is undone in the text, so that a secret needs no form for each way to write it.
What can only be made from the secret itself is a form: base64, also inside of a longer base64, and
hexadecimal digits. Pure.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

#: shorter values are no secrets, and would black out ordinary text
SHORTEST: Final = 4
#: what a shorter value is encoded to is found in any longer text by chance
_SHORTEST_ENCODED: Final = 6

_ESCAPE: Final = re.compile(
    r"(?:%[0-9a-fA-F]{2})+"
    r"|(?:\\x[0-9a-fA-F]{2})+"
    r"|(?:\\u[0-9a-fA-F]{4})+|\\U[0-9a-fA-F]{8}"
    r"""|\\["'\\/abfnrtv]"""
    r"|&(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});"
)
_SHORT: Final = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
}  # fmt: skip


def forms_of(secret: str) -> set[str]:
    """All forms of a secret that are looked for, but for what escapes make of them."""
    forms = {secret, secret.strip()}
    if " " in secret.strip():
        forms.add(secret.strip().replace(" ", "+"))  # as forms encode it, before what is undone
    for value in {secret, secret.strip()}:
        data = value.encode("utf-8", "surrogateescape")
        if len(data) >= _SHORTEST_ENCODED:
            forms.add(data.hex())
            forms.update(_base64(data))
    return {form for form in forms if len(form.strip()) >= SHORTEST}


def _base64(data: bytes) -> Iterator[str]:
    """What of base64 is the same whatever stands before and behind; with and without padding.

    Three bytes become four digits, so there are three ways to begin, by how many bytes stand before
    in its group of three; digits that bits of others are in are left out.
    """
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + data).decode()
        # of `before` bytes, this many digits hold a bit; of the last group, one may
        first = (before * 8 + 5) // 6
        whole = ((before + len(data)) * 8) // 6
        yield encoded[first:whole]
        yield encoded[first:whole].translate(_URL_SAFE)


_URL_SAFE: Final = str.maketrans("+/", "-_")


@dataclass(frozen=True, slots=True)
class Undone:
    """A text with escapes undone, and where each of its characters was in the original one."""

    text: str
    begins: list[int]  # of each character …
    ends: list[int]  # … and its end

    def undo(self) -> Undone | None:
        """The same with one more level of escapes undone; None: there is none."""
        if _ESCAPE.search(self.text) is None:
            return None
        parts: list[str] = []
        begins: list[int] = []
        ends: list[int] = []
        at = 0
        for match in _ESCAPE.finditer(self.text):
            begin, end = match.span()
            parts.append(self.text[at:begin])
            begins += self.begins[at:begin]
            ends += self.ends[at:begin]
            meant = _meant(match[0])
            parts.append(meant)
            # a run stands for all that is in it: what is found in a part of it covers all
            begins += [self.begins[begin]] * len(meant)
            ends += [self.ends[end - 1]] * len(meant)
            at = end
        parts.append(self.text[at:])
        begins += self.begins[at:]
        ends += self.ends[at:]
        return Undone("".join(parts), begins, ends)


def undone_once(text: str) -> Undone | None:
    """A text with one level of escapes undone; None: there is none, as in most texts."""
    if _ESCAPE.search(text) is None:
        return None
    return Undone(text, list(range(len(text))), list(range(1, len(text) + 1))).undo()


def _meant(escape: str) -> str:
    """What an escape, or a run of the same kind, stands for."""
    kind = escape[:2]
    if kind[0] == "%":
        return bytes.fromhex(escape.replace("%", "")).decode("utf-8", "replace")
    if kind == "\\x":
        return _shown_by_python(bytes.fromhex(escape.replace("\\x", "")))
    if kind == "\\u":
        units = bytes.fromhex(escape.replace("\\u", ""))
        return units.decode("utf-16-be", "replace")
    if kind == "\\U":
        return _character(int.from_bytes(bytes.fromhex(escape[2:])), escape)
    if kind[0] == "&":
        if kind != "&#":
            return unescape(escape)
        number = escape[2:-1]
        return _character(int(number[1:], 16) if number[0] in "xX" else int(number), escape)
    return _SHORT.get(escape[1], escape[1])


def _character(code: int, escape: str) -> str:
    return chr(code) if code < 0x110000 else escape


def _shown_by_python(data: bytes) -> str:
    """What bytes written out stand for: UTF-8, or else a character of a text each."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")

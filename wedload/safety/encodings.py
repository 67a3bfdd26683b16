"""How a secret may stand in a text: the forms that are looked for, and escapes that are undone.

What can be undone – percent-encoding, the escapes of JSON, Python, HTML and XML, in any order, case
and depth – is undone in the text, so that a secret needs no form for each way to write it. What can
only be made from the secret itself is a form: base64, also inside of a longer base64, and
hexadecimal digits. Pure.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: shorter values are no secrets, and would black out ordinary text
SHORTEST: Final = 4
#: what a shorter value is encoded to is found in any longer text by chance
_SHORTEST_ENCODED: Final = 6
#: escapes within escapes; nobody reads what is deeper
_DEEPEST: Final = 3
#: characters of readings of one text, all together: a text of many escapes is read for some 20 ms
_MOST_READ: Final = 20_000

_SHORT: Final = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
}  # fmt: skip
_URL_SAFE: Final = str.maketrans("+/", "-_")


def forms_of(secret: str) -> set[str]:
    """All forms of a secret that are looked for, but for what escapes make of them."""
    trimmed = secret.strip()
    forms = {secret, trimmed}
    if " " in trimmed:
        forms.add(trimmed.replace(" ", "+"))  # in a form, once what else is escaped is undone
    for value in {secret, trimmed}:
        if len(value) >= _SHORTEST_ENCODED:
            forms.add(_data(value).hex())
            for escaped in _escaped(value):
                forms.update(letters_inside(_data(escaped)))
    return {form for form in forms if len(form.strip()) >= SHORTEST}


def letters_inside(data: bytes) -> Iterator[str]:
    """What base64 has in it if `data` is anywhere in what was encoded; with and without padding.

    Three bytes become four letters, so there are three ways to begin, by how many bytes stand
    before in its group of three; letters that bits of others are in are left out.
    """
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + data).decode()
        first = (before * 8 + 5) // 6
        whole = ((before + len(data)) * 8) // 6
        yield encoded[first:whole]
        yield encoded[first:whole].translate(_URL_SAFE)


def _escaped(value: str) -> set[str]:
    """A value as a text has it that is encoded as a whole; of most secrets it is the same."""
    return {
        value,
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        repr(value)[1:-1],
        quote(value, safe=""),
    }


def _data(value: str) -> bytes:
    return value.encode("utf-8", "surrogateescape" if value.isprintable() else "backslashreplace")


@dataclass(frozen=True, slots=True)
class Undone:
    """A text with escapes undone, and where each of its characters was in the original one."""

    text: str
    begins: list[int]  # of each character …
    ends: list[int]  # … and its end

    def undo(self, kind: str) -> Undone | None:
        """The same with escapes of a kind undone once more; None: there are none."""
        pattern, meaning = _KINDS[kind]
        parts: list[str] = []
        begins: list[int] = []
        ends: list[int] = []
        at = 0
        for match in pattern.finditer(self.text):
            begin, end = match.span()
            parts.append(self.text[at:begin])
            begins += self.begins[at:begin]
            ends += self.ends[at:begin]
            meant = meaning(match[0])
            parts.append(meant)
            # a run stands for all that is in it: what is found in a part of it covers all
            begins += [self.begins[begin]] * len(meant)
            ends += [self.ends[end - 1]] * len(meant)
            at = end
        if not parts:
            return None
        parts.append(self.text[at:])
        begins += self.begins[at:]
        ends += self.ends[at:]
        return Undone("".join(parts), begins, ends)


def readings(text: str) -> Iterator[Undone]:
    """All that a text may mean once escapes are undone, but for the text itself.

    Kinds are undone one by one and in every order: a secret may hold what looks like an escape. Of
    a long text not all orders are tried, but always that of all kinds at once.
    """
    if not _MARKS.search(text):
        return
    plain = Undone(text, list(range(len(text))), list(range(1, len(text) + 1)))
    seen, left = {text}, _MOST_READ
    level = [plain]
    for _ in range(_DEEPEST):
        tried, level = [(one, kind) for one in level for kind in _KINDS], []
        for one, kind in tried:
            if left < 0 and not (kind == _ANY and one is tried[0][0]):
                continue
            undone = one.undo(kind)
            if undone is not None and undone.text not in seen:
                left -= len(undone.text)
                seen.add(undone.text)
                level.append(undone)
                yield undone


def _percent(escape: str) -> str:
    return bytes.fromhex(escape.replace("%", "")).decode("utf-8", "replace")


def _backslash(escape: str) -> str:
    match escape[1]:
        case "x":  # bytes as Python shows them, or else its characters of Latin-1
            data = bytes.fromhex(escape.replace("\\x", ""))
            try:
                return data.decode()
            except UnicodeDecodeError:
                return data.decode("latin-1")
        case "u":
            return bytes.fromhex(escape.replace("\\u", "")).decode("utf-16-be", "replace")
        case "U":
            return _character(int.from_bytes(bytes.fromhex(escape[2:])), escape)
        case other:
            return _SHORT.get(other, other)


def _entity(escape: str) -> str:
    if escape[1] != "#":
        return unescape(escape)
    number = escape[2:-1]
    return _character(int(number[1:], 16) if number[0] in "xX" else int(number), escape)


def _any(escape: str) -> str:
    return {"%": _percent, "\\": _backslash, "&": _entity}[escape[0]](escape)


def _character(code: int, escape: str) -> str:
    return chr(code) if code < 0x110000 else escape


_PERCENT: Final = r"(?:%[0-9a-fA-F]{2})+"
_BACKSLASH: Final = (
    r"(?:\\x[0-9a-fA-F]{2})+|(?:\\u[0-9a-fA-F]{4})+|\\U[0-9a-fA-F]{8}"
    r"""|\\["'\\/abfnrtv]"""
)
_ENTITY: Final = r"&(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});"
_ANY: Final = "any"
_MARKS: Final = re.compile(f"{_PERCENT}|{_BACKSLASH}|{_ENTITY}")
_KINDS: Final[dict[str, tuple[re.Pattern[str], Callable[[str], str]]]] = {
    _ANY: (_MARKS, _any),  # the first, so that it is always tried
    "percent": (re.compile(_PERCENT), _percent),
    "backslash": (re.compile(_BACKSLASH), _backslash),
    "entity": (re.compile(_ENTITY), _entity),
}

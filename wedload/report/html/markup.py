"""HTML elements by function: text is escaped by construction, only `Html` is taken as it is. Pure.

Knows no report. Source: the HTML Living Standard, sections 13.1.2 (elements) and 13.2.5.4 (what
must not occur within a script).
"""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_VOID: Final = frozenset({"meta", "link", "br", "hr", "input"})
#: what would end or change a script element, and two line ends that old JavaScript trips over
_IN_SCRIPT: Final = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


Child = str | Html | None


def safe(text: str) -> Html:
    """Text as HTML: escaped, unless it is HTML already."""
    return text if isinstance(text, Html) else Html(html.escape(text))


def join(parts: Iterable[Child]) -> Html:
    """Children one after the other; None is nothing."""
    return Html("".join(safe(part) for part in parts if part is not None))


def element(tag: str, *children: Child, **attributes: str | bool | None) -> Html:
    """An element; attributes that are False or None are left out.

    `class_` and `for_` lose the line at their end, one within a name becomes `-`.

    Raises:
        ValueError: a void element with children.
    """
    words = [tag]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        name = key.rstrip("_").replace("_", "-")
        words.append(name if value is True else f'{name}="{html.escape(str(value))}"')
    head = f"<{' '.join(words)}>"
    if tag in _VOID:
        if children:
            raise ValueError(f"<{tag}> has no content")
        return Html(head)
    return Html(f"{head}{join(children)}</{tag}>")


def script_json(value: Any) -> Html:
    """JSON that can stand in a script element whatever texts it holds."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Html(text.translate(_IN_SCRIPT))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its head, and whether it holds numbers or names the row."""

    head: str
    kind: str = "text"  # text | short | number | name


def table(
    caption: str, columns: Sequence[Column], rows: Iterable[Sequence[str | Html]], *, note: str = ""
) -> Html:
    """A table in a box of its own that scrolls if the page is narrow, with a note below it."""
    head = element(
        "tr",
        *(element("th", one.head, scope="col", class_=_class(one)) for one in columns),
    )
    body = [
        element("tr", *(_cell(*pair) for pair in zip(columns, row, strict=True))) for row in rows
    ]
    whole = element(
        "table",
        element("caption", element("span", caption)),
        element("thead", head),
        element("tbody", *body),
    )
    box = element("div", whole, class_="scroll", tabindex="0", role="region", aria_label=caption)
    return box if not note else join([box, element("p", note, class_="note")])


def _cell(column: Column, content: str | Html) -> Html:
    if column.kind == "name":
        return element("th", content, scope="row", class_="name")
    return element("td", content, class_=_class(column))


def _class(column: Column) -> str | None:
    return None if column.kind == "text" else column.kind

"""The verdict of a run in a few lines, as Slack, Mattermost and Rocket.Chat take them. Pure.

Names and sentences come from plans and responses: none of them may mention people or make links.

Source: Slack, "Formatting text for app surfaces": `&`, `<` and `>` are escaped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_REASONS: Final = 10
_LONGEST: Final = 500  # of a reason
_ESCAPED: Final = str.maketrans({
    "&": "&amp;", "<": "&lt;", ">": "&gt;",
    "@": "@\u200b",  # a mention is a word behind an @
    "*": "•", "~": "-", "`": "'", "\n": " ", "\r": " ", "[": "(", "]": ")",
})  # fmt: skip


def plain(text: str) -> str:
    """A text in which nothing means anything to a messenger."""
    return text.translate(_ESCAPED)


def notification(head: str, figures: str, reasons: Sequence[str], where: str | None) -> bytes:
    """The body that is posted: what came of a run, how much of it, why, and where it all is."""
    lines = [plain(head), plain(figures)]
    lines += [f"• {plain(_cut(one))}" for one in reasons[:_MOST_REASONS]]
    if (more := len(reasons) - _MOST_REASONS) > 0:
        lines.append(f"• … and {more} more")
    if where is not None:
        lines.append(f"result: {plain(where)}")
    return orjson.dumps({"text": "\n".join(lines)})


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"

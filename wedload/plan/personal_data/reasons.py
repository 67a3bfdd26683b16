"""Reasons of `[safety.accept]`, parsed: the part of this folder that the model of a plan needs."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from wedload.plan.parsing import Parsed, each, table_in, text_in

_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_LEAST_WORDS: Final = 3
_NO_REASONS: Final = frozenset(
    {"fixme", "later", "none", "reason", "some", "tbd", "test", "testing", "text", "todo", "xxx"}
)


def _reasons(value: Any) -> dict[str, str]:
    """Read `{ "ops@corp.example" = "our own mailbox, …" }`; raises ValueError."""
    return dict(each(table_in(value, '{ "value or file" = "the reason" }'), _reason))


def _reason(key: str, value: Any) -> tuple[str, str]:
    reason = " ".join(text_in(value).split())
    words = {word.lower() for word in _WORD.findall(reason)}
    if len(words) < _LEAST_WORDS or not words - _NO_REASONS:
        raise ValueError(
            f'"{reason}" is no reason; say in a few words why it may be used,'
            ' such as "our own mailbox, which nobody reads"'
        )
    return key, reason


AcceptField = Annotated[
    dict[str, str],
    Parsed(
        _reasons, (("type", "object"), ("additionalProperties", {"type": "string"})),
    ),
]  # fmt: skip

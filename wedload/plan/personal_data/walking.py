"""The texts of a value as TOML and JSON have it, each with where it stands and what names it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from wedload.plan.personal_data.labels import Label, label_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.positions import Path

_LEAST: Final = 1_000_000  # of whole numbers that may be telephone numbers, or longer ones
#: names of a value that its parent's name tells of: `phones = [{ value = … }]`
_OF_PARENT: Final = frozenset({"number", "value"})
_PLAIN_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z_ -]*")


def texts_in(value: Any, path: Path = ()) -> Iterator[tuple[Path, Label, str]]:
    """Texts, whole numbers as texts, and keys that are more than names.

    No recursion: JSON of a data file may be as deep as its reader takes.
    """
    left: list[tuple[Path, Label, Any]] = [(path, Label.NONE, value)]
    while left:
        here, label, item = left.pop()
        if isinstance(item, str):
            yield here, label, item
        elif isinstance(item, dict):
            for key, inner in item.items():
                if _PLAIN_NAME.fullmatch(key) is None:
                    yield (*here, key), Label.NONE, key
                own = label_of(key)
                if own is Label.NONE and key.lower() in _OF_PARENT:
                    own = label
                left.append(((*here, key), own, inner))
        elif isinstance(item, list):
            left += [((*here, index), label, inner) for index, inner in enumerate(item)]
        elif isinstance(item, int) and not isinstance(item, bool) and item >= _LEAST:
            yield here, label, str(item)

"""Whether a target can stand in a journal as it is: nothing in it to escape, and no secret. Pure.

Asked for everything that is created, and mostly answered by one look for a few characters: those to
be escaped, and one of each secret's that ids and paths seldom have – most keys and all base64 have
a capital. Only secrets without such a character are to be searched for.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

#: begins a query, or is not in JSON as it is
_ODD: Final = frozenset({*b'?"\\', *range(0x20), *range(0x7F, 0x100)})
#: what paths and ids are mostly made of
_COMMON: Final = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789/-_.:")
#: so many words are looked for one by one
_FEW: Final = 8


class PlainTargets:
    """Knows the targets that can be told as they are."""

    __slots__ = ("_few", "_odd", "_other", "_secret", "_table")

    def __init__(self, forms: Collection[bytes]) -> None:
        """`forms`: what secrets look like; a target that holds one is not plain."""
        seldom, others = _told_apart(forms)
        #: changes a target that has any of them
        self._table = bytes(int(not byte) if byte in seldom else byte for byte in range(256))
        #: a few words are found one by one in a fraction of the time that `re` takes to begin
        self._few = others if len(others) <= _FEW else ()
        self._other = None if self._few else _search(others)
        # two searches for what is left. Together they would be one of five times as long: `re`
        # finds a set of bytes, or several words by their first byte
        self._odd = re.compile(b"[%b]" % re.escape(bytes(sorted(_ODD)))).search
        self._secret = _search(forms)

    def holds(self, target: bytes) -> bool:
        """Whether this is one."""
        if target.translate(self._table) == target:
            for word in self._few:  # `in` and `find` take four and two times as long
                if len(target.replace(word, b"")) != len(target):
                    return False
            return self._other is None or self._other(target) is None
        return self._odd(target) is None and (self._secret is None or self._secret(target) is None)


def _search(words: Collection[bytes]) -> Callable[[bytes], re.Match[bytes] | None] | None:
    """Finds the first of some words; None: there are none."""
    longest = sorted(words, key=len, reverse=True)
    return re.compile(b"|".join(map(re.escape, longest))).search if longest else None


def _told_apart(forms: Collection[bytes]) -> tuple[frozenset[int], tuple[bytes, ...]]:
    """Characters of which each form has one, as few as can be; the forms that have none."""
    seldom = set(_ODD)
    left = [form for form in forms if seldom.isdisjoint(form)]
    while counts := Counter(byte for form in left for byte in {*form} - _COMMON):
        most = max(counts, key=lambda byte: (counts[byte], byte))
        seldom.add(most)
        left = [form for form in left if most not in form]
    return frozenset(seldom), tuple(left)

"""All that a text has of what looks like somebody's data."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Final

from wedload.plan.personal_data.addresses import addresses
from wedload.plan.personal_data.cards import cards
from wedload.plan.personal_data.emails import emails
from wedload.plan.personal_data.ibans import ibans
from wedload.plan.personal_data.labels import Label, label_of
from wedload.plan.personal_data.telephones import telephones

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.personal_data.found import Found

#: without four digits near each other there is no number of any kind
_DIGITS: Final = re.compile(r"\d\D{0,3}\d\D{0,3}\d\D{0,3}\d")
#: `"phone": "…`, `tel=…`: a name before a number, in a text of whatever form
_NAMED: Final = re.compile(
    r"""(?<![\w-])([A-Za-z][\w-]{1,40})["']?\s{0,3}[:=]\s{0,3}["']?"""
    r"([+(]{0,2}\d[\d ().\-/]{5,24}\d)"
)
_SAYS_OTHERWISE: Final = {Label.IDENTIFIER: "card number", Label.VERSION: "IP address"}
#: in all that can hold anything: an at sign, also a wide one, an IPv6 address, or digits
_CANDIDATE: Final = re.compile(r"[@\uff20\ufe6b]|%40|::|" + _DIGITS.pattern)
#: characters that look like others, or not seen at all
_FOLDED: Final = {
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-"),
    **dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff")),
}  # fmt: skip


def may_hold(text: str) -> bool:
    """Whether it is worth looking for anything; most values of most plans are not."""
    return _CANDIDATE.search(text) is not None


def find(text: str, label: Label = Label.NONE) -> Iterator[Found]:
    """What is in a value, whose name says `label`. Linear in the length of the text."""
    if not text.isascii():
        text = _plain(text)
    if "@" in text or "%40" in text:
        yield from emails(text)
    if _DIGITS.search(text) is None:
        if "::" in text:
            yield from addresses(text, label)
        return
    yield from addresses(text, label)
    yield from cards(text, label)
    yield from ibans(text)
    yield from telephones(text, label)


def find_in_line(line: str) -> Iterator[Found]:
    """What is in a line of a text file; names before numbers say what these are."""
    names = [(named, label_of(named[1])) for named in _NAMED.finditer(line)]
    # digits in one piece, or a version, by their name; unless they stand without one, too
    named_so = Counter(
        (_SAYS_OTHERWISE[label], named[2]) for named, label in names if label in _SAYS_OTHERWISE
    )
    for found in find(line):
        if named_so[found.kind, found.text] > 0 and not re.search(r"[ -]", found.text):
            named_so[found.kind, found.text] -= 1
        else:
            yield found
    for named, label in names:
        if label is Label.TELEPHONE:
            known = {found.text for found in telephones(line, Label.NONE)}
            for found in telephones(named[2], Label.TELEPHONE):
                if found.text not in known:
                    yield found


def _plain(text: str) -> str:
    """A text as it is read: wide and foreign digits, dashes and spaces as the usual ones."""
    folded = unicodedata.normalize("NFKC", text).translate(_FOLDED)
    return "".join(
        str(unicodedata.decimal(one)) if not one.isascii() and one.isdecimal() else one
        for one in folded
    )

"""Telephone numbers that may be somebody's: not of a range that is kept free for stories.

In whatever text, only what is unmistakable is one: a number that begins with + and is valid by its
country's plan (`phonenumbers`, which knows them), or one as North Americans group them. Where a
name says that it is a telephone number, seven digits are enough.

Source: ITU-T E.164.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wedload.plan.personal_data.fictitious import is_fictitious
from wedload.plan.personal_data.found import Found
from wedload.plan.personal_data.labels import Label

if TYPE_CHECKING:
    from collections.abc import Iterator

_INTERNATIONAL: Final = re.compile(r"(?<![\w+)])\+ ?\(?\d(?:[ ().\-/]{0,3}\d){6,17}")
_NORTH_AMERICAN: Final = re.compile(
    r"(?<![\w.+-])(?<!\+1 )(?:\([2-9]\d\d\) ?|[2-9]\d\d-)[2-9]\d\d-\d{4}(?![\w-])"
)
_LABELLED: Final = re.compile(r"(?<![\w.,])[+(]{0,2}\d(?:[ ().\-/]{0,3}\d){6,17}(?![\w])")
_NO_DIGITS: Final = re.compile(r"\D")
_LAST_GROUP: Final = re.compile(r"[ ().\-/]+\d+$")
_LEAST_DIGITS: Final = 7
_FILLERS: Final = ("0123456789", "1234567890", "9876543210")


def telephones(text: str, label: Label) -> Iterator[Found]:
    """Those in a text. Linear, as each candidate is short."""
    if label is Label.TELEPHONE:
        for match in _LABELLED.finditer(text):
            if _is_somebodys(match[0]):
                yield Found("telephone number", match[0])
        return
    if "+" in text:
        for match in _INTERNATIONAL.finditer(text):
            if (number := _valid_part(match[0])) is not None:
                yield Found("telephone number", number)
    if text.count("-") > 0:
        for match in _NORTH_AMERICAN.finditer(text):
            digits = _digits(match[0])
            if not is_fictitious(digits, international=False) and _is_valid("1" + digits):
                yield Found("telephone number", match[0])


def _digits(text: str) -> str:
    return _NO_DIGITS.sub("", text)


def _is_somebodys(text: str) -> bool:
    """Whether what is said to be a telephone number is one that might be taken."""
    digits = _digits(text)
    for prefix in ("+", "00"):
        if text.startswith(prefix):
            number = digits.removeprefix("00")
            return not is_fictitious(number, international=True) and _is_valid(number)
    if len(digits) < _LEAST_DIGITS or len(set(digits)) <= 2:
        return False
    if any(filler.startswith(digits) for filler in _FILLERS):
        return False
    return not (
        is_fictitious(digits, international=False) or is_fictitious(digits, international=True)
    )


def _valid_part(text: str) -> str | None:
    """What of a candidate is a number that might be taken: it may have other digits behind it."""
    if text.count(".") == 1 and not re.search(r"[ ()\-/]", text):
        return None  # +1.25: a number, but not a telephone's
    while len(digits := _digits(text)) >= _LEAST_DIGITS:
        if is_fictitious(digits, international=True):
            return None
        if _is_valid(digits):
            return text
        shorter = _LAST_GROUP.sub("", text)
        if shorter == text:
            return None
        text = shorter
    return None


def _is_valid(digits: str) -> bool:
    """Whether a number with its country's code is one by the plan of that country."""
    from phonenumbers import NumberParseException, is_valid_number, parse  # noqa: PLC0415 - only with a candidate: rules of all countries

    try:
        return is_valid_number(parse(f"+{digits}"))
    except NumberParseException:
        return False

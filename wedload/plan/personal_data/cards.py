"""Card numbers: digits that pass Luhn's check and begin as an issuer's do.

Sources: ISO/IEC 7812-1 (check digit, Annex B); ranges as the networks publish them. Lengths that
are out of use, or of which article numbers are as well (13 digits), are left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wedload.plan.personal_data.found import Found
from wedload.plan.personal_data.labels import Label
from wedload.plan.personal_data.published import CARDS

if TYPE_CHECKING:
    from collections.abc import Iterator

_CARD: Final = re.compile(
    r"(?<![\w.+-])(?:"
    r"(?P<solid>\d{14,19})"
    r"|\d{4}(?P<by>[ -])\d{4}(?P=by)\d{4}(?P=by)\d{4}(?P<more>(?P=by)\d{2,3})?"
    r"|\d{4}[ -]\d{6}[ -]\d{4,5}"
    r")(?![\w-]|\.\d)"
)
#: least and most of the first digits, and how many digits there are in all
_ISSUERS: Final = (
    ("4", "4", (16, 19)),  # Visa
    ("51", "55", (16,)), ("2221", "2720", (16,)),  # Mastercard
    ("34", "34", (15,)), ("37", "37", (15,)),  # American Express
    # Diners Club
    ("300", "305", (14, 16)), ("3095", "3095", (14,)), ("36", "36", (14,)), ("38", "39", (14,)),
    ("6011", "6011", (16, 19)), ("644", "649", (16, 19)), ("65", "65", (16, 19)),  # Discover, RuPay
    ("3528", "3589", (16,)),  # JCB
    ("62", "62", (16, 17, 18, 19)),  # UnionPay
    ("5018", "5018", (16, 19)), ("5020", "5020", (16, 19)), ("5038", "5038", (16, 19)),  # Maestro
    ("5893", "5893", (16, 19)), ("6304", "6304", (16, 19)), ("67", "67", (16, 18, 19)),
    ("2200", "2204", (16,)),  # Mir
    ("60", "60", (16,)), ("81", "82", (16,)), ("508", "508", (16,)),  # RuPay, Elo, Hipercard
    ("5019", "5019", (16,)), ("506", "507", (16,)), ("9792", "9792", (16,)),  # Dankort, Verve, Troy
)  # fmt: skip


def cards(text: str, label: Label) -> Iterator[Found]:
    """Those in a text. Linear, as each candidate is short.

    Digits in one piece are an identifier where their name says so.
    """
    for match in _CARD.finditer(text):
        if match["solid"] and label is Label.IDENTIFIER:
            continue
        text, more = match[0], match["more"] or ""
        # what stands behind may be more of it, or its month or check value
        for number in dict.fromkeys((text, text.removesuffix(more))):
            digits = re.sub(r"\D", "", number)
            if _is_issued(digits) and passes_luhn(digits) and digits not in CARDS:
                yield Found("card number", number)
                break


def _is_issued(digits: str) -> bool:
    return any(
        least <= digits[: len(least)] <= most and len(digits) in lengths
        for least, most, lengths in _ISSUERS
    )


def passes_luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (2 if place % 2 else 1)
        total += number - 9 if number > 9 else number
    return total % 10 == 0

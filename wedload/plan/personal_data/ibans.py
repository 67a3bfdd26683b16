"""International bank account numbers: of a country's form, with the right check digits.

Source: ISO 13616-1 (mod 97-10 of ISO 7064); forms as in the IBAN registry of SWIFT, release 101.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from wedload.plan.personal_data.found import Found
from wedload.plan.personal_data.published import IBANS

if TYPE_CHECKING:
    from collections.abc import Iterator

_FORMS: Final = """
AD:8n12c AE:19n AL:8n16c AT:16n AZ:4a20c BA:16n BE:12n BG:4a6n8c BH:4a14c BI:23n BR:23n1a1c
BY:4c4n16c CH:5n12c CR:18n CY:8n16c CZ:20n DE:18n DJ:23n DK:14n DO:4c20n EE:16n EG:25n ES:20n
FI:14n FK:2a12n FO:14n FR:10n11c2n GB:4a14n GE:2a16n GI:4a15c GL:14n GR:7n16c GT:24c HN:4a20n
HR:17n HU:24n IE:4a14n IL:19n IQ:4a15n IS:22n IT:1a10n12c JO:4a4n18c KW:4a22c KZ:3n13c LB:4n20c
LC:4a24c LI:5n12c LT:16n LU:3n13c LV:4a13c LY:21n MC:10n11c2n MD:20c ME:18n MK:3n10c2n MN:16n
MR:23n MT:4a5n18c MU:4a19n3a NI:4a20n NL:4a10n NO:11n OM:3n16c PK:4a16c PL:24n PS:4a21c PT:21n
QA:4a21c RO:4a16c RS:18n RU:14n15c SA:2n18c SC:4a20n3a SD:14n SE:20n SI:15n SK:20n SM:1a10n12c
SO:19n ST:21n SV:4a20n TL:19n TN:20n TR:6n16c UA:6n19c VA:18n VG:4a16n XK:16n YE:4a4n18c
"""
#: country -> what follows the check digits: how many digits (n), letters (a), or either (c)
FORMS: Final[dict[str, str]] = dict(one.split(":") for one in _FORMS.split())
_BEGIN: Final = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?=[ -]?[A-Za-z0-9]{4})")
_CLASSES: Final = {"n": "[0-9]", "a": "[A-Z]", "c": "[A-Z0-9]"}
_GAP: Final = "[ -]?"


@cache
def _form(country: str) -> re.Pattern[str] | None:
    """What an IBAN of a country looks like, its parts together or in groups."""
    form = FORMS.get(country)
    if form is None:
        return None
    parts = re.findall(r"(\d+)([nac])", form)
    characters = "".join(f"{_GAP}{_CLASSES[kind]}" * int(many) for many, kind in parts)
    return re.compile(rf"[A-Z]{{2}}\d{{2}}{characters}(?![A-Za-z0-9])", re.ASCII | re.IGNORECASE)


def ibans(text: str) -> Iterator[Found]:
    """Those in a text, in capitals or not. Linear, as each candidate is short."""
    for begin in _BEGIN.finditer(text):
        form = _form(begin[0][:2].upper())
        if form is None:
            continue
        match = form.match(text, begin.start())
        if match is None:
            continue
        number = re.sub(r"[ -]", "", match[0]).upper()
        if _passes(number) and number not in IBANS:
            yield Found("IBAN", match[0])


def _passes(number: str) -> bool:
    """Whether the check digits are right: the whole, letters as numbers, leaves 1 by 97."""
    return int("".join(str(int(one, 36)) for one in number[4:] + number[:4])) % 97 == 1

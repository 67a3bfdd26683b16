"""Telephone numbers that are kept free for stories and examples, by country.

Sources:
    North America: NANPA, 555 line numbers; ATIS-0300115: 555-0100 to 555-0199 in every area.
    United Kingdom: Ofcom, "Telephone numbers for use in TV and radio drama programmes".
    Australia: ACMA, "Phone numbers for use in TV shows, films and creative works".
    Germany: Bundesnetzagentur, Mitteilung 148/2021 ("Drama Numbers").
    France: ARCEP, decision 2018-0881 and its successors, numbers for audiovisual works.
    Sweden: PTS, numbers for books, films and the like. Ireland: ComReg, 020 91X XXXX.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Country:
    """A country code, and what its fictitious numbers look like behind it."""

    code: str
    numbers: re.Pattern[str]
    trunk: str = "0"  # before a number that is dialled within the country


def _country(code: str, *numbers: str, trunk: str = "0") -> Country:
    return Country(code, re.compile("|".join(numbers)), trunk)


COUNTRIES: Final = (
    _country("1", r"(?:\d{3})?55501\d\d", trunk="1"),  # also without an area, as they are local
    _country(
        "44",
        r"1632960\d{3}", r"1(?:1[3-8]|[2-6]1)4960\d{3}", r"1914980\d{3}", r"2079460\d{3}",
        r"2890180\d{3}", r"2920180\d{3}", r"7700900\d{3}", r"8081570\d{3}", r"9098790\d{3}",
        r"3069990\d{3}",
    ),
    _country(
        "61",
        r"[2378](?:5550|7010)\d{4}", "1900654321", "1800160401", "1800975707", "1800975708",
        "1800975709", "1800975710", "1800975711", "1300975707", "1300975708", "1300975709",
        "1300975710", "1300975711",
        r"49157(?:0(?:006|110|15[6-9]|313|737)|1(?:266|491|804)|2(?:549|665|983)|3(?:087|770)"
        r"|4(?:118|632)|5(?:254|789)|6(?:398|801)|7(?:426|644)|8(?:148|888|957)|9(?:212|455|760))",
    ),
    _country(
        "49",
        r"3023125\d{3}", r"6990009\d{3}", r"4066969\d{3}", r"2214710\d{3}", r"8999998\d{3}",
        "15228817386", "15228895456", "15254599371", r"17139200\d\d", "1729925904", "1729968532",
        "1729973185", "1729973186", "1729980752", "1749091317", "1749464308", r"176040690\d\d",
    ),
    _country("33", r"(?:19900|26191|35301|46571|53649|63998)\d{4}"),
    _country(
        "46",
        r"313900[6]\d\d", r"406280[4]\d\d", r"84650[0]4\d\d", r"9803192\d\d",
        r"70174(?:060[5-9]|06[1-9]\d)",
    ),
    _country("353", r"2091\d{5}"),
)  # fmt: skip


def is_fictitious(digits: str, *, international: bool) -> bool:
    """Whether digits are such a number: with its country's code, or as it is dialled there."""
    for country in COUNTRIES:
        if international:
            if not digits.startswith(country.code):
                continue
            rest = digits[len(country.code) :]
            # +44 (0) 20 … is often written, and dialled by nobody
            if country.numbers.fullmatch(rest) or country.numbers.fullmatch(rest.removeprefix("0")):
                return True
        elif country.numbers.fullmatch(digits.removeprefix(country.trunk)):
            return True
    return False

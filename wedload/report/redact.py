"""Redaction: what the environment keeps secret does not appear in what is printed or stored. Pure.

Texts that explain a failure quote what they are about: a URL, a Location, a value that is no
number.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus

from wedload.workload.request import AS_IS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MASK: Final = "[redacted]"
#: shorter values are no secrets, and would black out ordinary text
SHORTEST: Final = 4


def _forms(value: str) -> tuple[str, ...]:
    """How a text may quote a value: as it is, in a URL, in a form, in JSON, as Python shows it."""
    return (
        value,
        value.strip(),
        quote(value, safe=""),
        quote(value, safe=AS_IS),
        quote_plus(value),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        repr(value)[1:-1],
    )


def redactor(secrets: Iterable[str]) -> Callable[[str], str]:
    """A function that masks these values in a text: plain, percent-encoded, and escaped."""
    forms = {form for value in secrets for form in _forms(value) if len(value.strip()) >= SHORTEST}
    # the longest first: one secret may be the beginning of another
    pattern = "|".join(map(re.escape, sorted(forms, key=len, reverse=True)))
    if not pattern:
        return lambda text: text
    return lambda text: re.sub(pattern, MASK, text, flags=re.IGNORECASE)

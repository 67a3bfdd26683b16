"""What was found, as it may be told: a report about personal data does not repeat them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["e-mail address", "telephone number", "IP address", "card number", "IBAN"]

#: kind -> its plural
PLURALS: Final[dict[Kind, str]] = {
    "e-mail address": "e-mail addresses",
    "telephone number": "telephone numbers",
    "IP address": "IP addresses",
    "card number": "card numbers",
    "IBAN": "IBANs",
}
#: kind -> what makes one in a plan
_MADE: Final[dict[Kind, str]] = {
    "e-mail address": "${synthetic.email()}",
    "telephone number": "${synthetic.phone()}",
    "IP address": "${synthetic.ip()}",
}
#: kind -> what may be written anywhere
_ALLOWED: Final[dict[Kind, str]] = {
    "e-mail address": "an address below example.com",
    "telephone number": "a fictitious number: +1-202-555-0143",
    "IP address": "a documentation address such as 192.0.2.1",
    "card number": "a test card that payment providers publish, such as 4242 4242 4242 4242",
    "IBAN": "an example of the IBAN registry, such as DE89 3704 0044 0532 0130 00",
}


def instead(kind: Kind, *, templates: bool) -> str:
    """What to write instead; `templates`: whether it would be rendered there, as in a plan."""
    made = f"{_MADE[kind]}, or " if templates and kind in _MADE else ""
    return f"write {made}{_ALLOWED[kind]}"


@dataclass(frozen=True, slots=True)
class Found:
    """A value that may be somebody's, as it was written."""

    kind: Kind
    text: str

    @property
    def masked(self) -> str:
        """Enough of it to be found again, and no more."""
        if self.kind == "e-mail address":
            local, at, domain = self.text.rpartition("@" if "@" in self.text else "%40")
            return f"{local[:2]}…{at}{domain}"
        if self.kind == "IP address":
            separator = "." if "." in self.text else ":"
            return separator.join([*self.text.split(separator)[:2], "…"])
        return f"{self.text[:4]}…{self.text[-2:]}"

    @property
    def key(self) -> str:
        """The same for all spellings of one value."""
        return key_of(self.text)


def key_of(text: str) -> str:
    """What spellings of one value have in common: neither case nor what groups digits counts."""
    lowered = text.strip().lower().replace("%40", "@")
    return lowered if "@" in lowered else re.sub(r"[ ()\-/\u00a0]", "", lowered)

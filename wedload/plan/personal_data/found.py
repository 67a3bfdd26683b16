"""What was found, as it may be told: a report about personal data does not repeat them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["e-mail address", "telephone number", "IP address", "card number", "IBAN"]

#: kind -> its plural, and what to write instead
PLURALS: Final[dict[Kind, str]] = {
    "e-mail address": "e-mail addresses",
    "telephone number": "telephone numbers",
    "IP address": "IP addresses",
    "card number": "card numbers",
    "IBAN": "IBANs",
}
INSTEAD: Final[dict[Kind, str]] = {
    "e-mail address": "write ${synthetic.email()}, or an address below example.com",
    "telephone number": "write ${synthetic.phone()}, or a fictitious number: +1-202-555-0143",
    "IP address": "write ${synthetic.ip()}, or a documentation address such as 192.0.2.1",
    "card number": "write a test card that payment providers publish, such as 4242 4242 4242 4242",
    "IBAN": "write an example of the IBAN registry, such as DE89 3704 0044 0532 0130 00",
}


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

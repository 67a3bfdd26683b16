"""Checks on what a client sent, gathered so that one answer names every wrong field.

Pure: knows no HTTP, no database and no particular endpoint.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from .errors import ApiError, invalid

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]+")
_RESERVED_DOMAINS = ("example.com", "example.net", "example.org")
_RESERVED_ENDINGS = (
    *(f".{domain}" for domain in _RESERVED_DOMAINS),
    ".example",
    ".test",
    ".invalid",
)

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Problems:
    """The wrong fields found so far; `finish` raises if there are any."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}

    def add(self, field: str, problem: str) -> None:
        """Note what is wrong with `field`; the first finding is kept."""
        self.fields.setdefault(field, problem)

    def finish(self) -> None:
        """Raise the answer 422 if anything was found."""
        if self.fields:
            raise invalid(self.fields)

    def unknown_keys(self, given: Mapping[str, Any], known: Collection[str], at: str = "") -> None:
        """Refuse keys nobody reads: a typo must not pass for a setting."""
        for key in given:
            if key not in known:
                self.add(f"{at}{key}", f"unknown; known are {', '.join(sorted(known))}")

    def text(self, given: Mapping[str, Any], key: str, longest: int, at: str = "") -> str:
        """A string that is not blank, with at most `longest` characters; "" if it is wrong."""
        value = given.get(key)
        if value is None:
            self.add(at + key, "missing")
        elif not isinstance(value, str):
            self.add(at + key, "must be a string")
        elif not value.strip():
            self.add(at + key, "must not be empty")
        elif len(value) > longest:
            self.add(at + key, f"must have at most {longest} characters")
        elif "\x00" in value:
            # PostgreSQL cannot store it in a text.
            self.add(at + key, "must not contain the character NUL")
        else:
            return value
        return ""

    def day(self, value: object, key: str) -> str:
        """A date as YYYY-MM-DD; "" if it is wrong."""
        if isinstance(value, str) and _DATE.fullmatch(value):
            try:
                return date.fromisoformat(value).isoformat()
            except ValueError:
                pass
        self.add(key, "missing" if value is None else "must be a date, YYYY-MM-DD")
        return ""


def reserved_email(value: object) -> str:
    """The address in lower case.

    Only domains that RFC 2606 reserves for tests and examples pass: nobody can own them, so a load
    test with real people's addresses cannot happen by accident.

    Raises:
        ApiError: 422, saying why.
    """
    if not isinstance(value, str):
        raise invalid({"email": "missing" if value is None else "must be a string"})
    if len(value) > 254 or _EMAIL.fullmatch(value) is None:
        raise invalid({"email": "is not an e-mail address"})
    email = value.lower()
    domain = email.rpartition("@")[2]
    if domain in _RESERVED_DOMAINS or f".{domain}".endswith(_RESERVED_ENDINGS):
        return email
    raise invalid(
        {
            "email": "must be in a domain that RFC 2606 reserves (example.com, example.net, "
            "example.org, *.example, *.test, *.invalid): generated data only, nobody's real address"
        }
    )


def json_object(value: object) -> dict[str, Any]:
    """`value`, if it is a JSON object.

    Raises:
        ApiError: 422.
    """
    if not isinstance(value, dict):
        raise ApiError(422, "invalid", "The body must be a JSON object.", {"": "must be an object"})
    return value

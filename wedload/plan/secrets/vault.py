"""Secrets as a run holds them: values that show a mask wherever a program shows a value.

Only `reveal()`, and `Vault.plain` for those of a whole run, give what is in them. They pickle, as
the processes of a run tell each other what it needs; they are never written to a file. What keeps
them out of texts that were made of the value itself is wedload.safety.redactor.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from typing import Final

#: what stands in the place of a secret
MASK: Final = "[redacted]"


class Secret:
    """One value that does not print; equal ones are found so in a time that tells nothing."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_bytes(self._value), _bytes(other._value))

    __hash__ = None  # type: ignore[assignment]  # a set or a key would compare by another way

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        return (Secret, (self._value,))


class Plain(dict[str, str]):
    """Plain values by name, for expressions; shown, it is the names alone."""

    def __repr__(self) -> str:
        return f"Plain({', '.join(self)})"

    __str__ = __repr__


class Vault(Mapping[str, Secret]):
    """Secrets by name; shown, it is the names alone."""

    __slots__ = ("plain",)

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        #: what expressions read: made once, so that reading costs what any dictionary costs
        self.plain: Final = Plain(values or {})

    def __getitem__(self, name: str) -> Secret:
        return Secret(self.plain[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.plain)

    def __len__(self) -> int:
        return len(self.plain)

    def __repr__(self) -> str:
        return f"Vault({', '.join(self)})"

    def __reduce__(self) -> tuple[type[Vault], tuple[dict[str, str]]]:
        return (Vault, (dict(self.plain),))


def _bytes(value: str) -> bytes:
    return value.encode("utf-8", "surrogateescape")

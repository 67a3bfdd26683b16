"""Unsealing: what was sealed, with the secrets as they are now. Pure.

A secret may have changed since: a new password is as good as the old one to sign in. That is for
whoever unseals to know.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any, Final

from wedload.safety.journal.forms import FORMS
from wedload.workload.request import Request, line_parts, split_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wedload.safety.journal.seal import Sealed, Source
    from wedload.workload.request import Origin

_KINDS: Final = ("env", "file")


class NotSealedError(ValueError):
    """What should be sealed is not."""


def sources_in(record: Any) -> Iterator[Source]:
    """The secrets that a record refers to, each as often as it does."""
    if isinstance(record, dict):
        for value in record.values():
            yield from sources_in(value)
    elif isinstance(record, list):
        for part in record:
            if isinstance(part, dict):  # elsewhere a key may be somebody's own name for something
                yield from ((kind, part[kind]) for kind in _KINDS if kind in part)
            yield from sources_in(part)


class Unsealer:
    """Unseals with these secrets."""

    def __init__(self, secrets: Mapping[Source, str]) -> None:
        self._secrets = secrets

    def text(self, sealed: Sealed) -> bytes:
        """A text.

        Raises:
            KeyError: a secret that it refers to is not there: its `Source`.
            NotSealedError: it is no sealed text.
        """
        if isinstance(sealed, str):
            return sealed.encode()
        if not isinstance(sealed, list):
            raise NotSealedError(f"{json.dumps(sealed)[:80]} is no text")
        return b"".join([self._part(part) for part in sealed])

    def value(self, sealed: Sealed) -> Any:
        """The value of a variable; raises as `text`."""
        return json.loads(self.text(sealed))

    def origin(self, sealed: Sealed) -> Origin:
        """Where a request goes to; raises as `text`, and ValueError for what is no URL."""
        return split_url(self.text(sealed).decode())[0]

    def request(self, shape: Mapping[str, Any], target: Sealed) -> Request:
        """A request of a shape and a target of its own; raises as `text`."""
        origin = self.origin(shape["to"])
        body = shape.get("body")
        return Request(
            origin,
            shape["do"],
            self.text(target),
            b"".join([self.text(line) + b"\r\n" for line in shape["head"]]),
            None if body is None else self.text(body),
            line_parts(shape["do"], origin),
        )

    def _part(self, part: Any) -> bytes:
        if isinstance(part, str):
            return part.encode()
        if isinstance(part, dict):
            for kind in _KINDS:
                if kind in part:
                    return FORMS[part.get("as", "plain")](self._secrets[kind, part[kind]])
            if "basic" in part:
                return b64encode(self.text(part["basic"]))
            if "bytes" in part:
                return b64decode(part["bytes"])
        raise NotSealedError(f"{json.dumps(part)[:80]} is no part of a text")

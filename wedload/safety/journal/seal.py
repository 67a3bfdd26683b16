"""Sealing: requests and values as JSON, each secret in it as a reference to where it is from. Pure.

What is sealed can be kept and shown: a reference names an environment variable or a secret file,
and the form in which its value stood there. A text without secrets is a string; one with some is a
list of strings and references::

    "/api/forms/7"
    ["/api/forms/7?apikey=", {"env": "FORMS_KEY", "as": "percent"}]
    ["Authorization: Basic ", {"basic": ["planner:", {"env": "PLANNER_PASSWORD"}]}]

Bytes that are no UTF-8 are `{"bytes": "…"}`, in base64. See wedload.safety.journal.unseal for the
way back.
"""

from __future__ import annotations

import binascii
import json
import re
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any, Final

import orjson

from wedload.safety.encodings import SHORTEST
from wedload.safety.journal.forms import FORMS, hidden_in
from wedload.safety.journal.tokens import (
    MARK,
    body_tokens,
    is_credential_header,
    is_credential_variable,
    only_references,
    query_credentials,
)
from wedload.workload.request import InvalidUrlError, StreamedBody, split_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wedload.workload.request import Origin, Request

#: where a secret is from: `env` or `file`, and its name there
Source = tuple[str, str]
#: a text in JSON
Sealed = str | list[Any]

_BASIC: Final = re.compile(rb"(\s*basic\s+)(\S+)(\s*)", re.IGNORECASE)


class UntoldError(Exception):
    """What cannot be kept without keeping a secret or a token, or not so that it is had back."""


class Sealer:
    """Seals what a run keeps. Made once a process: the secrets do not change in a run."""

    def __init__(self, secrets: Mapping[Source, str]) -> None:
        self._references: dict[bytes, dict[str, str]] = {}
        hidden: set[bytes] = set()
        for (kind, name), value in secrets.items():
            if len(value.strip()) < SHORTEST:
                continue
            hidden |= hidden_in(value)
            for form, encode in FORMS.items():
                reference = {kind: name} if form == "plain" else {kind: name, "as": form}
                self._references.setdefault(encode(value), reference)
        #: any of these in a text, and it is not to be kept as it is
        self.forms: Final = tuple({*self._references, *hidden})
        # the longest first: one secret may be the beginning of another
        known = sorted(self._references, key=len, reverse=True)
        self._known = re.compile(b"|".join(map(re.escape, known))) if known else None
        self._hidden = tuple(hidden)

    # --- texts ------------------------------------------------------------------------------

    def text(self, content: bytes) -> Sealed:
        """A text.

        Raises:
            UntoldError: it holds a secret in a form that no reference can have.
        """
        return _shortest(self._parts(content))

    def marked(self, content: bytes) -> bytes:
        """A text with a `MARK` in the place of each secret.

        Raises:
            UntoldError: there is one in it already.
        """
        if MARK in content:
            raise UntoldError
        return content if self._known is None else self._known.sub(MARK, content)

    def require_references(self, content: bytes) -> None:
        """Refuse a credential that is more than references to secrets.

        Raises:
            UntoldError: it is a token.
        """
        if not only_references(self.marked(content)):
            raise UntoldError

    def value(self, name: str, value: Any) -> Sealed:
        """The value of a variable, as sealed JSON.

        Raises:
            UntoldError: it is a token by its name, or JSON cannot say it.
        """
        try:
            content = json.dumps(value)
            same = json.loads(content) == value
        except (TypeError, ValueError, RecursionError):
            raise UntoldError from None
        if not same:
            raise UntoldError
        written = content.encode()
        if is_credential_variable(name, value):
            if not isinstance(value, str):  # where in it is the token?
                raise UntoldError
            self.require_references(written[1:-1])
        return self.text(written)

    # --- requests ---------------------------------------------------------------------------

    def request(self, request: Request) -> dict[str, Any]:
        """A whole request.

        Raises:
            UntoldError: it shows a token, or its body is not in memory.
        """
        return {**self.shape(request), "at": self.target(request.target)}

    def shape(self, request: Request) -> dict[str, Any]:
        """All of a request but its target, in which requests of one kind differ.

        Raises:
            UntoldError: it shows a token, or its body is not in memory.
        """
        shape: dict[str, Any] = {
            "do": request.method,
            "to": self.origin(request.origin),
            "head": self._header_lines(request.headers),
        }
        body = request.body
        if isinstance(body, StreamedBody):
            raise UntoldError
        if body is not None:
            for token in body_tokens(body):
                self.require_references(token)
            shape["body"] = self.text(body)
        return shape

    def target(self, target: bytes) -> Sealed:
        """Path and query.

        Raises:
            UntoldError: a parameter is a token.
        """
        for credential in query_credentials(target):
            self.require_references(credential)
        return self.text(target)

    def origin(self, origin: Origin) -> Sealed:
        """Where a request goes to.

        Raises:
            UntoldError: no URL says it.
        """
        url = str(origin)
        try:
            same = split_url(url)[0] == origin
        except InvalidUrlError:
            same = False
        if not same:
            raise UntoldError
        return self.text(url.encode())

    # --- inside -----------------------------------------------------------------------------

    def _header_lines(self, headers: bytes) -> list[Sealed]:
        *lines, rest = headers.split(b"\r\n")
        if rest:
            raise UntoldError  # these are no header lines
        return [self._header_line(line) for line in lines]

    def _header_line(self, line: bytes) -> Sealed:
        name, colon, value = line.partition(b":")
        if not is_credential_header(name):
            return self.text(line)
        if (basic := _BASIC.fullmatch(value)) is not None:
            before, after = name + colon + basic[1], basic[3]
            return _shortest(
                [*self._parts(before), {"basic": self._basic(basic[2])}, *self._parts(after)]
            )
        self.require_references(value)
        return self.text(line)

    def _basic(self, shown: bytes) -> Sealed:
        """User and password in base64 (RFC 7617); the user may be anything, the password not."""
        try:
            content = b64decode(shown, validate=True)
        except binascii.Error:
            raise UntoldError from None
        if b64encode(content) != shown:
            raise UntoldError
        self.require_references(content.partition(b":")[2])
        return self.text(content)

    def _parts(self, content: bytes) -> list[Any]:
        if self._known is None:
            return self._between(content)
        parts: list[Any] = []
        at = 0
        for match in self._known.finditer(content):
            parts += self._between(content[at : match.start()])
            parts.append(self._references[match[0]])
            at = match.end()
        return parts + self._between(content[at:])

    def _between(self, content: bytes) -> list[Any]:
        """What is no reference, as JSON can have it."""
        if not content:
            return []
        if any(letters in content for letters in self._hidden):
            raise UntoldError
        try:
            text = content.decode()
        except UnicodeDecodeError:
            return [self._bytes(content)]
        # JSON has other ways to write it, and one of them may look like a secret that it is not
        if self._known is not None and self._known.search(orjson.dumps(text)):
            return [self._bytes(content)]
        return [text]

    def _bytes(self, content: bytes) -> dict[str, str]:
        letters = b64encode(content)
        if any(form in letters for form in self.forms):
            raise UntoldError
        return {"bytes": letters.decode()}


def _shortest(parts: list[Any]) -> Sealed:
    if not parts:
        return ""
    return parts[0] if len(parts) == 1 and isinstance(parts[0], str) else parts

"""Which operation a request belongs to: what its attempts have in common. Pure.

In this order: the trace of `traceparent`, `Idempotency-Key`, what the service itself has (the id of
an event), nothing. A plan's `operation` replaces all of them.

Sources: W3C Trace Context, section 3.2; draft-ietf-httpapi-idempotency-key-header.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from wedload.plan.expressions.expression import EVALUATION_ERRORS, text_of
from wedload.simulators.request_scope import RequestScope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wedload.plan.expressions.expression import Expression
    from wedload.simulators.service import Call

_TRACEPARENT: Final = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")
_LONGEST: Final = 256  # characters; of a longer key its digest stands for it


class Operations:
    """Tells the operations of one dependency apart."""

    def __init__(self, expression: Expression | None, env: Mapping[str, str]) -> None:
        self._evaluate = None if expression is None else expression.evaluate
        self._scope = RequestScope(env)

    def key_of(self, call: Call) -> str:
        """The key of a request's operation; empty: it does not say."""
        if self._evaluate is None:
            headers = call.request.headers
            key = trace_id(headers.get("traceparent", "")) or headers.get("idempotency-key", "")
            return _bounded(key or call.key)
        self._scope.response = call.request
        try:
            value = self._evaluate(self._scope)
            return "" if value is None else _bounded(text_of(value))
        except EVALUATION_ERRORS:
            return ""
        finally:
            self._scope.response = None


def trace_id(traceparent: str) -> str:
    """The trace that a `traceparent` names; empty: it is not valid."""
    match = _TRACEPARENT.fullmatch(traceparent.strip())
    if match is None or match[1] == "ff" or (match[1] == "00" and match[4]):
        return ""
    return match[2] if match[2].strip("0") and match[3].strip("0") else ""


def _bounded(key: str) -> str:
    if len(key) <= _LONGEST:
        return key
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

"""Export requests of OTLP in JSON: spans read, answers written. Pure.

Ids are in hex and numbers of 64 bits may be texts; keys that nobody knows are passed over. Source:
OTLP 1.x, "JSON Protobuf Encoding".
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from wedload.traces.span import ERROR, PEERS, Decoded, NotUnderstoodError, Received, span_of

CONTENT_TYPE: Final = "application/json"
_MOST_NS: Final = 1 << 64


def decode(body: bytes) -> Decoded:
    """The spans of an export request.

    Raises:
        NotUnderstoodError: it is none.
    """
    try:
        request = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NotUnderstoodError(f"not JSON: {error}") from None
    spans: list[Received] = []
    malformed = 0
    for resource in _tables(_table(request, "the request"), "resourceSpans"):
        attributes = _texts(_part(resource, "resource"), ("service.name",))
        service = attributes.get("service.name", "")
        for scope in _tables(resource, "scopeSpans"):
            for one in _tables(scope, "spans"):
                span = _span(one, service)
                if span is None:
                    malformed += 1
                else:
                    spans.append(span)
    return Decoded(spans, malformed)


def _span(one: dict[str, Any], service: str) -> Received | None:
    """A span; None: its ids or times are none."""
    found = _texts(one, PEERS)
    name = one.get("name", "")
    try:
        ids = [bytes.fromhex(one.get(key) or "") for key in ("traceId", "spanId", "parentSpanId")]
        begin_ns, end_ns = (_whole(one.get(f"{end}TimeUnixNano", 0)) for end in ("start", "end"))
        kind, status = _whole(one.get("kind", 0)), _whole(_part(one, "status").get("code", 0))
    except (TypeError, ValueError):
        return None
    return span_of(
        ids[0],
        ids[1],
        ids[2],
        (service, name if isinstance(name, str) else ""),
        (begin_ns, end_ns),
        kind,
        status == ERROR,
        next((found[key] for key in PEERS if key in found), None),
    )


def _whole(value: Any) -> int:
    """A whole number, as one or as a text; raises ValueError or TypeError."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError
    if isinstance(value, str) and len(value) > 20:  # more digits than 64 bits have
        raise ValueError
    number = int(value)
    if not 0 <= number < _MOST_NS:
        raise ValueError
    return number


def _texts(holder: dict[str, Any], wanted: tuple[str, ...]) -> dict[str, str]:
    """Those of the wanted attributes that are texts."""
    found: dict[str, str] = {}
    for one in _tables(holder, "attributes"):
        key, value = one.get("key"), _part(one, "value").get("stringValue")
        if key in wanted and isinstance(value, str) and value:
            found[key] = value
    return found


def _part(holder: dict[str, Any], key: str) -> dict[str, Any]:
    value = holder.get(key)
    return {} if value is None else _table(value, f"`{key}`")


def _tables(holder: dict[str, Any], key: str) -> list[dict[str, Any]]:
    value = holder.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise NotUnderstoodError(f"`{key}` is no array")
    return [_table(one, f"an item of `{key}`") for one in value]


def _table(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise NotUnderstoodError(f"{what} is no object")
    return value


def answer(rejected: int, message: str) -> bytes:
    """What is answered to an export request; `rejected` spans of it were not taken."""
    if not (rejected or message):
        return b"{}"
    return orjson.dumps(
        {"partialSuccess": {"rejectedSpans": str(rejected), "errorMessage": message}}
    )


def problem(message: str) -> bytes:
    """A `google.rpc.Status` with a message, which a refusal has for a body."""
    return orjson.dumps({"code": 3, "message": message})

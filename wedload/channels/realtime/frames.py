"""Frames of Phoenix channels, to and from bytes: the serializers 1.0.0 and 2.0.0. Pure.

1.0.0 writes a frame as a JSON object, 2.0.0 as a JSON array; 2.0.0 has binary frames too: Phoenix'
own (push, reply, broadcast), and one of Supabase's for what a user broadcasts. It knows no
connection and no subscription. A frame that cannot be read is a value, as servers send what they
like.

Sources: Phoenix, `Phoenix.Socket.V1.JSONSerializer` and `V2.JSONSerializer`; Supabase's guide
`realtime/protocol`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import orjson

from wedload.bounded import parse_json

if TYPE_CHECKING:
    from collections.abc import Callable

Vsn = Literal["1.0.0", "2.0.0"]

#: what Phoenix' own binary frames say before their payload, by their first byte
_LAYOUTS: Final = {
    0: ("join_ref", "topic", "event"),  # a push
    1: ("join_ref", "ref", "topic", "status"),  # a reply
    2: ("topic", "event"),  # a broadcast
}
_USER_BROADCAST: Final = 4  # Supabase's; no JSON text begins with a byte up to here
_JSON_ENCODED: Final = 1  # is the payload of one; otherwise it is anything
_MOST_SHOWN: Final = 80


class Frame(NamedTuple):
    """What one side tells the other on a topic."""

    join_ref: str | None  # the ref of the join that it belongs to
    ref: str | None  # that a reply repeats
    topic: str
    event: str
    payload: Any  # JSON; bytes: what a binary frame carries


class Broken(NamedTuple):
    """Bytes that are no frame."""

    problem: str


def decoder(vsn: Vsn) -> Callable[[bytes], Frame | Broken]:
    """What reads frames, of text and binary messages alike."""
    return _decode_v1 if vsn == "1.0.0" else _decode_v2


def encoder(vsn: Vsn) -> Callable[[Frame], bytes]:
    """What writes frames, as text; an `orjson.Fragment` in a payload is JSON already."""
    return _encode_v1 if vsn == "1.0.0" else _encode_v2


def _encode_v1(frame: Frame) -> bytes:
    return orjson.dumps(
        {
            "topic": frame.topic,
            "event": frame.event,
            "payload": frame.payload,
            "ref": frame.ref,
            "join_ref": frame.join_ref,
        }
    )


def _encode_v2(frame: Frame) -> bytes:
    return orjson.dumps(list(frame))


def _decode_v1(data: bytes) -> Frame | Broken:
    try:
        whole = parse_json(data)
    except ValueError:
        return _broken("is not JSON", data)
    if not isinstance(whole, dict):
        return _broken("is not an object, as a frame of version 1.0.0 is", data)
    parts = (whole.get(name) for name in ("join_ref", "ref", "topic", "event", "payload"))
    return _frame(data, *parts)


def _decode_v2(data: bytes) -> Frame | Broken:
    if data and data[0] <= _USER_BROADCAST:
        return _decode_binary(data)
    try:
        whole = parse_json(data)
    except ValueError:
        return _broken("is not JSON", data)
    if not isinstance(whole, list) or len(whole) < len(Frame._fields):
        return _broken("is not an array of five, as a frame of version 2.0.0 is", data)
    return _frame(data, *whole[: len(Frame._fields)])


def _frame(
    data: bytes, join_ref: Any, ref: Any, topic: Any, event: Any, payload: Any
) -> Frame | Broken:
    if not isinstance(topic, str) or not isinstance(event, str):
        return _broken("has no topic, or no event", data)
    return Frame(_ref(join_ref), _ref(ref), topic, event, payload)


def _ref(value: Any) -> str | None:
    """Refs are texts; some servers count."""
    return None if value is None else str(value)


def _decode_binary(data: bytes) -> Frame | Broken:
    try:
        if data[0] == _USER_BROADCAST:
            return _user_broadcast(data)
        names = _LAYOUTS.get(data[0])
        if names is None:
            return _broken("is of a kind that no server sends", data)
        texts, rest = _texts(data, data[1 : 1 + len(names)], 1 + len(names))
    except ValueError as error:  # UnicodeDecodeError is one, too
        return _broken(f"is cut short, or not what it says ({error})", data)
    said = dict(zip(names, texts, strict=True))
    payload: Any = rest
    if "status" in said:
        payload = {"status": said["status"], "response": rest}
    join_ref, ref = said.get("join_ref") or None, said.get("ref") or None
    return Frame(join_ref, ref, said["topic"], said.get("event", "phx_reply"), payload)


def _user_broadcast(data: bytes) -> Frame:
    """A broadcast whose payload the server has never parsed."""
    (topic, event, meta), rest = _texts(data, data[1:4], 5)
    payload = parse_json(rest) if data[4] == _JSON_ENCODED else rest
    whole: dict[str, Any] = {"type": "broadcast", "event": event, "payload": payload}
    if meta:
        whole["meta"] = parse_json(meta.encode())
    return Frame(None, None, topic, "broadcast", whole)


def _texts(data: bytes, sizes: bytes, at: int) -> tuple[list[str], bytes]:
    """Texts of these sizes, one after the other from `at`, and what follows them.

    Raises:
        ValueError: there are not so many bytes, or they are no text.
    """
    if len(data) < at + sum(sizes):
        raise ValueError(f"it has {len(data)} bytes")
    texts = []
    for size in sizes:
        texts.append(data[at : at + size].decode())
        at += size
    return texts, data[at:]


def _broken(problem: str, data: bytes) -> Broken:
    shown = data[:_MOST_SHOWN].decode("utf-8", "replace")
    return Broken(f"a frame {problem}: {shown!r}{'…' if len(data) > _MOST_SHOWN else ''}")

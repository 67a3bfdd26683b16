from __future__ import annotations

import orjson

from wedload.sandbox.realtime.nesting import is_too_deep


def nested(depth):
    return orjson.loads("[" * depth + "]" * depth)


def test_what_can_be_read_but_not_written_in_a_message_is_too_deep():
    assert not is_too_deep({"a": [1, None, "x" * 10_000]})
    assert not is_too_deep(nested(200))
    assert is_too_deep(nested(1000))
    deepest = next(depth for depth in range(1000) if is_too_deep(nested(depth + 1)))
    orjson.dumps([[[[[[[[nested(deepest)]]]]]]]])

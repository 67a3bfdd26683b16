"""Reading requests: how headers become a mapping; the rest is tested on sockets."""

from __future__ import annotations

from wedload.channels.webhook.reading import by_name


def test_headers_are_found_by_lower_case_name_and_joined_if_they_come_twice():
    lines = [(b"X-One", b" a\t"), (b"x-two", b"\xe9"), (b"x-ONE", b"b")]
    assert by_name(lines) == {"x-one": "a, b", "x-two": "é"}

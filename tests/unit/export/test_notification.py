"""The verdict in a few lines."""

from __future__ import annotations

import json

from wedload.export.notification import notification


def test_nothing_in_a_name_mentions_people_or_is_markup():
    body = notification(
        "FAIL – <!channel> @here", "1 & 2", ["p95 < 1s", *["x"] * 20], "/tmp/a_b.json"
    )
    lines = json.loads(body)["text"].splitlines()
    assert lines[0] == "FAIL – &lt;!channel&gt; @\u200bhere"
    assert lines[1:3] == ["1 &amp; 2", "• p95 &lt; 1s"]
    assert lines[-2:] == ["• … and 11 more", "result: /tmp/a_b.json"]

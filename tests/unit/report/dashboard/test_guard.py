"""Who may ask the dashboard for something."""

from __future__ import annotations

import pytest

from wedload.report.dashboard.guard import Guard

_OWN = "127.0.0.1:8088"
_GUARD = Guard(_OWN, "right")


@pytest.mark.parametrize(
    ("host", "token", "origin", "changes", "word"),
    [
        (_OWN, "right", None, False, None),
        (_OWN, "right", f"http://{_OWN}", True, None),
        ("evil.example:8088", "right", None, False, "evil.example:8088"),
        (None, "right", None, False, "without a name"),
        (_OWN, "wrong", None, False, "token"),
        (_OWN, "ünlike", None, False, "token"),
        (_OWN, None, f"http://{_OWN}", True, "token"),
        (_OWN, "right", "http://evil.example", True, "evil.example"),
        (_OWN, "right", None, True, "no origin"),
    ],
)
def test_requests_need_host_and_token_and_those_that_stop_the_origin(
    host, token, origin, changes, word
):
    why = _GUARD.refusal(host=host, token=token, origin=origin, changes=changes)

    assert why is None if word is None else word in why

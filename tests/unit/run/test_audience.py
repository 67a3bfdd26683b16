"""Observers that fail: told no more, and nobody else is the worse for it."""

from __future__ import annotations

import pytest

from wedload.run.audience import Audience


class Watching:
    """An observer that cannot do one of the things that it is to do."""

    def __init__(self, cannot: str | None = None) -> None:
        self.told: list[str] = []
        self._cannot = cannot

    def _do(self, what: str) -> None:
        self.told.append(what)
        if what == self._cannot:
            raise OSError(5, "Input/output error")

    def notice(self, text: str) -> None:
        self._do("notice")

    def tick(self, view: object) -> None:
        self._do("tick")

    def close(self) -> None:
        self._do("close")


def watch(cannot):
    observer = Watching(cannot)
    audience = Audience(observer)
    audience.notice("starting")
    audience.tick(None)
    audience.notice("cleaning up")
    audience.close()
    return observer, audience


def test_an_observer_is_told_everything():
    observer, audience = watch(None)

    assert observer.told == ["notice", "tick", "notice", "close"]
    assert audience.failure is None


@pytest.mark.parametrize(
    ("cannot", "told"),
    [
        ("notice", ["notice", "close"]),
        ("tick", ["notice", "tick", "close"]),
        ("close", ["notice", "tick", "notice", "close"]),
    ],
)
def test_one_that_fails_is_told_no_more_but_to_close(cannot, told):
    observer, audience = watch(cannot)

    assert observer.told == told
    assert audience.failure == "OSError: [Errno 5] Input/output error"

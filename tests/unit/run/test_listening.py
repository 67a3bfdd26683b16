"""What is told of the channels of a run while their subscribers join."""

from __future__ import annotations

import asyncio

from wedload.run import listening
from wedload.run.audience import Audience
from wedload.run.listening import Channels
from wedload.run.logbook import Logbook
from wedload.run.stopping import Stopping


class Told:
    """An observer that keeps what it is told, and says when it is the second time."""

    def __init__(self):
        self.notices = []
        self.again = asyncio.Event()

    def notice(self, text):
        self.notices.append(text)
        if self.notices.count(text) > 1:
            self.again.set()

    def tick(self, view):
        raise AssertionError(view)

    def close(self):
        pass


class Ears:
    """The process of the channels, as far as joining goes: it takes until `ends` is set."""

    def __init__(self, ends, tell=None):
        self._ends, self._tell = ends, tell

    async def join(self, variables):
        if self._tell is not None:
            self._tell("subscribers are joining: 1 of 2 have")
        await self._ends.wait()


def channels_of(make, observer) -> Channels:
    audience = Audience(observer)
    return Channels(Logbook(make().view, str, audience.notice, Stopping("starting")), audience)


async def joined(make, monkeypatch, *, one_has: bool) -> list[str]:
    monkeypatch.setattr(listening, "_TELL_S", 0.001)
    observer = Told()
    channels = channels_of(make, observer)
    channels._ears = Ears(observer.again, channels._tell if one_has else None)
    await channels.join({})
    return list(dict.fromkeys(observer.notices))


async def test_nobody_who_joins_is_told_of_again_and_again(make, monkeypatch):
    assert await joined(make, monkeypatch, one_has=False) == [
        "subscribers are joining",
        "subscribers are joining: all have",
    ]


async def test_how_many_have_joined_is_told_again_and_then_that_all_have(make, monkeypatch):
    assert await joined(make, monkeypatch, one_has=True) == [
        "subscribers are joining: 1 of 2 have",
        "subscribers are joining: all have",
    ]


async def test_nothing_is_told_where_nobody_joins(make):
    observer = Told()
    channels = channels_of(make, observer)
    ended = asyncio.Event()
    ended.set()
    channels._ears = Ears(ended)

    await channels.join({})

    assert observer.notices == []

"""What load processes and the ears tell each other, over a real socket."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.helpers.waiting import until
from wedload.channels.link import Link

if TYPE_CHECKING:
    from pathlib import Path


class End:
    """One end, and what it was told."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.messages = 0
        self.lost = False
        self.link = Link(self._told, self._lost)

    def _told(self, _link: Link, items: Any) -> None:
        self.messages += 1
        self.told += items

    def _lost(self, _link: Link) -> None:
        self.lost = True


async def linked(path: Path) -> tuple[End, End, asyncio.Server]:
    """Both ends."""
    here, there = End(), End()
    loop = asyncio.get_running_loop()
    server = await loop.create_unix_server(lambda: there.link, str(path))
    await loop.create_unix_connection(lambda: here.link, str(path))
    return here, there, server


async def test_what_one_turn_of_a_loop_tells_is_one_message(tmp_path: Path) -> None:
    """In the order in which it was told, however much it is."""
    here, there, server = await linked(tmp_path / "link")
    items = [(number, "key" * (number % 7), None) for number in range(20_000)]
    for item in items:
        here.link.say(item)
    await until(lambda: len(there.told) == len(items))
    assert there.told == items
    assert there.messages == 1
    there.link.say("answer")
    await until(lambda: here.told == ["answer"])
    here.link.close()
    there.link.close()
    server.close()


async def test_the_end_of_one_is_told_to_the_other_after_all_that_it_said(tmp_path: Path) -> None:
    here, there, server = await linked(tmp_path / "link")
    here.link.say("last")
    here.link.close()
    await until(lambda: there.lost)
    assert there.told == ["last"]
    there.link.say("into the void")  # and nothing happens
    await asyncio.sleep(0)
    server.close()

"""A pool of connections: who gets which, and what becomes of those that are lost."""

from __future__ import annotations

import asyncio

import pytest

from wedload.protocols.sql.pool import Pool
from wedload.protocols.sql.port import QueryError

SOON_NS = 10**9


class Connection:
    def __init__(self, number):
        self.number, self.usable, self.ended, self.settled = number, True, False, asyncio.Event()

    async def settle(self):
        await self.settled.wait()

    async def close(self):
        self.ended = True

    def terminate(self):
        self.ended, self.usable = True, False


class Connector:
    def __init__(self):
        self.opened = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.refusing = False
        self.timeouts_ns = []

    async def open(self, timeout_ns):
        self.timeouts_ns.append(timeout_ns)
        await self.gate.wait()
        if self.refusing:
            raise QueryError("connect", "refused")
        self.opened.append(Connection(len(self.opened)))
        return self.opened[-1]


@pytest.fixture
def connector():
    return Connector()


async def turns(number=5):
    for _ in range(number):
        await asyncio.sleep(0)


async def test_connections_are_opened_when_needed_and_used_again(connector):
    pool = Pool(connector, 3)
    one = await pool.take(SOON_NS)
    pool.give_back(one)
    assert await pool.take(SOON_NS) is one
    assert len(connector.opened) == 1


async def test_a_pool_that_is_filled_opens_all_of_them_once(connector):
    pool = Pool(connector, 3)
    pool.give_back(await pool.take(SOON_NS))
    await pool.fill(SOON_NS)
    assert len(connector.opened) == 3


async def test_filling_says_what_a_connection_failed_by(connector):
    connector.refusing = True
    with pytest.raises(QueryError, match="refused"):
        await Pool(connector, 3).fill(SOON_NS)


async def queue(pool, order, name):
    """Wait for a connection, say that it came, and give it back."""
    connection = await pool.take(SOON_NS)
    order.append(name)
    pool.give_back(connection)


async def test_whoever_came_first_gets_what_is_free_first(connector):
    pool = Pool(connector, 1)
    one = await pool.take(SOON_NS)
    order = []

    waiting = [asyncio.create_task(queue(pool, order, name)) for name in "abc"]
    await turns()
    assert order == []
    pool.give_back(one)
    await asyncio.gather(*waiting)
    assert order == ["a", "b", "c"]
    assert len(connector.opened) == 1


async def test_a_lost_connection_makes_room_for_another(connector):
    pool = Pool(connector, 1)
    one = await pool.take(SOON_NS)
    waiting = asyncio.create_task(pool.take(SOON_NS))
    await turns()
    one.usable = False
    pool.give_back(one)
    other = await waiting
    assert other is not one
    assert one.ended


async def test_one_that_was_lost_while_nobody_used_it_is_not_handed_out(connector):
    pool = Pool(connector, 2)
    one = await pool.take(SOON_NS)
    pool.give_back(one)
    one.usable = False
    assert await pool.take(SOON_NS) is not one


async def test_who_leaves_the_queue_takes_nothing_with_it(connector):
    pool = Pool(connector, 1)
    one = await pool.take(SOON_NS)
    left, stays = (asyncio.create_task(pool.take(SOON_NS)) for _ in range(2))
    await turns()
    pool.give_back(one)  # it is handed to `left`, which does not know yet …
    left.cancel()  # … and is not there any more
    assert await stays is one


async def test_if_opening_fails_the_next_one_tries(connector):
    pool = Pool(connector, 1)
    connector.gate.clear()
    first, second = (asyncio.create_task(pool.take(SOON_NS)) for _ in range(2))
    await turns()
    connector.refusing = True
    connector.gate.set()
    with pytest.raises(QueryError, match="refused"):
        await first
    connector.refusing = False
    assert await second is connector.opened[0]


async def test_a_connection_that_was_handed_over_makes_no_room_for_another(connector):
    pool = Pool(connector, 1)
    one = await pool.take(SOON_NS)
    waiting = asyncio.create_task(pool.take(SOON_NS))
    await turns()
    pool.give_back(one)  # it is handed over to `waiting`, which does not know yet
    with pytest.raises(QueryError, match="no connection of the pool was free"):
        await pool.take(10**6)  # at once, as the next step of a virtual user does
    assert await waiting is one
    assert len(connector.opened) == 1


async def test_who_waits_longer_than_in_time_is_told_that_the_pool_was_in_use(connector):
    pool = Pool(connector, 1)
    one = await pool.take(SOON_NS)
    with pytest.raises(QueryError, match="no connection of the pool was free within 1ms") as error:
        await pool.take(10**6)
    assert error.value.outcome == "pool_timeout"
    pool.give_back(one)
    assert await pool.take(SOON_NS) is one


async def test_it_is_not_the_pool_if_no_connection_could_be_opened_meanwhile(connector):
    pool = Pool(connector, 1)
    connector.gate.clear()
    opening = asyncio.create_task(pool.take(SOON_NS))
    await turns()
    with pytest.raises(QueryError) as error:
        await pool.take(10**6)
    assert error.value.outcome == "connect"
    connector.gate.set()
    assert await opening is connector.opened[0]


async def test_opening_has_the_time_that_waiting_has_left(connector):
    pool = Pool(connector, 1)
    one = await pool.take(SOON_NS)
    waiting = asyncio.create_task(pool.take(SOON_NS))
    await asyncio.sleep(0.01)
    one.usable = False
    pool.give_back(one)
    await waiting
    assert connector.timeouts_ns[0] <= SOON_NS
    assert connector.timeouts_ns[1] <= SOON_NS - 9 * 10**6  # a loop's timers count milliseconds


async def test_a_newcomer_does_not_take_the_room_of_one_who_waits(connector):
    pool = Pool(connector, 1)
    one = await pool.take(SOON_NS)
    order = []

    waiting = [asyncio.create_task(queue(pool, order, name)) for name in "ab"]
    await turns()
    one.usable = False
    newcomer = asyncio.create_task(
        queue(pool, order, "newcomer")
    )  # its turn of the loop is before theirs
    pool.give_back(one)
    await asyncio.gather(*waiting, newcomer)
    assert order == ["a", "b", "newcomer"]


async def test_what_was_cut_off_comes_back_when_it_is_over(connector):
    pool = Pool(connector, 1)
    one = await pool.take(SOON_NS)
    pool.give_back_settled(one)
    waiting = asyncio.create_task(pool.take(SOON_NS))
    await turns()
    assert not waiting.done()
    one.settled.set()
    assert await waiting is one


async def test_closing_ends_every_connection_also_those_in_use_and_those_that_settle(connector):
    pool = Pool(connector, 3)
    idle, used, settling = [await pool.take(SOON_NS) for _ in range(3)]
    pool.give_back(idle)
    pool.give_back_settled(settling)
    await turns()
    await pool.close()
    assert idle.ended
    assert used.ended
    assert settling.ended

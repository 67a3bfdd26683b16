"""What comes over a conversation's connection, and which of it is looked at."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from wedload.clock import FakeClock
from wedload.engine.ws_conversation import MOST_KEPT, Conversation, Counts


def heard(*messages: bytes) -> Conversation:
    """A conversation over which these have come, one ns after the other."""
    conversation = Conversation()
    for at_ns, message in enumerate(messages):
        conversation._heard(message, True, at_ns)
    return conversation


@given(
    st.lists(st.tuples(st.sampled_from("mla"), st.integers(0, 3)), max_size=40),
)
def test_each_message_is_looked_at_once_and_in_order(steps):
    conversation, came, looked = Conversation(), 0, []
    for kind, number in steps:
        if kind == "m":
            for _ in range(number):
                conversation._heard(b"%d" % came, True, came)
                came += 1
        elif kind == "l":

            def fits(data, at_ns, wanted=number):
                assert data == b"%d" % at_ns
                looked.append(at_ns)
                return at_ns % 4 == wanted

            before = len(looked)
            found = conversation.look(fits)
            # none after the one that fits, and all if none does
            assert [at_ns % 4 == number for at_ns in looked[before:]].count(True) == found
            assert found or not looked or looked[-1] == came - 1
        else:
            conversation.skip()
            looked.extend(range(looked[-1] + 1 if looked else 0, came))
    assert looked == sorted(set(looked))


def test_the_oldest_fall_out_when_nobody_looks_and_are_counted():
    conversation = heard(*(b"%d" % number for number in range(MOST_KEPT + 7)))
    seen = []
    assert not conversation.look(lambda data, _: seen.append(int(data)))
    assert seen == list(range(7, MOST_KEPT + 7))
    assert conversation.take_counts() == Counts(received=MOST_KEPT + 7, dropped=7)
    assert conversation.take_counts() == Counts()


def test_nothing_falls_out_while_somebody_awaits_a_message():
    seen = []

    def fits(data, _at_ns):
        seen.append(int(data))
        return len(seen) == MOST_KEPT * 2

    async def main():
        conversation = Conversation()
        finding = asyncio.create_task(conversation.find(fits))
        await asyncio.sleep(0)
        for number in range(MOST_KEPT * 2):
            conversation._heard(b"%d" % number, True, number)
        await finding
        return conversation.take_counts()

    assert FakeClock().run(main()).dropped == 0
    assert seen == list(range(MOST_KEPT * 2))


def test_who_gives_up_leaves_what_comes_later_to_the_next():
    async def main():
        conversation = Conversation()
        finding = asyncio.create_task(conversation.find(lambda _data, _at_ns: True))
        await asyncio.sleep(0)
        finding.cancel()
        await asyncio.gather(finding, return_exceptions=True)
        conversation._heard(b"late", True, 1)
        found = []
        await conversation.find(lambda data, _: found.append(data) or True)
        return found

    assert FakeClock().run(main()) == [b"late"]

"""Who hears what happened on the platform."""

from __future__ import annotations

from dataclasses import replace

from wedload.sandbox.events import SUBMISSION_CREATED, Event, Events
from wedload.sandbox.runs import Run

EVENT = Event(SUBMISSION_CREATED, "s", "supplier", 1, {"id": "s"})


def test_every_listener_hears_every_event_in_order():
    events, first, second = Events(), [], []
    events.subscribe(first.append)
    events.publish(EVENT)
    events.subscribe(second.append)
    events.publish(EVENT)
    assert (first, second) == ([EVENT] * 2, [EVENT])


def test_listener_that_fails_fails_alone_and_is_told_of(caplog):
    events, heard = Events(), []

    def failing(event):
        raise LookupError("of the test")

    events.subscribe(failing)
    events.subscribe(heard.append)
    events.publish(EVENT)
    assert heard == [EVENT]
    assert "a listener failed on submission.created" in caplog.text


async def test_nobody_hears_of_what_was_swept_meanwhile():
    events, heard, run = Events(), [], Run("a")
    events.subscribe(heard.append)
    event = replace(EVENT, run=run)
    events.publish(event)
    await run.sweep()
    events.publish(event)
    assert heard == [event]

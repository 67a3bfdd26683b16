"""How far something is, and for how long it has gone on."""

from __future__ import annotations

from wedload.report.countdown import Countdown


def test_the_first_of_a_kind_is_shown_then_one_every_five_seconds():
    at_s = [0.0]
    countdown = Countdown(lambda: at_s[0])
    shown = []
    for tenths in range(0, 120, 3):
        at_s[0] = tenths / 10
        shown += [at_s[0]] * countdown.told(f"cleaning up: {tenths} left")

    assert shown == [0.0, 5.1, 10.2]


def test_how_long_it_lasts_is_said_from_five_seconds_on_and_anew_for_each_kind():
    at_s = [0.0]
    countdown = Countdown(lambda: at_s[0])
    said = []
    for now_s, text in ((0, "a: 1"), (4, "a: 2"), (7, "a: 3"), (7, "b"), (9, "b"), (12, "b")):
        at_s[0] = now_s
        countdown.told(text)
        said.append(countdown.worded(text))

    assert said == ["a: 1 …", "a: 2 …", "a: 3, for 7 s …", "b …", "b …", "b, for 5 s …"]


def test_what_was_not_shown_when_it_ended_is_given_once():
    countdown = Countdown(lambda: 0.0)
    countdown.told("joining: 1 of 2")
    assert countdown.over() is None
    countdown.told("joining: 1 of 2")
    countdown.told("joining: all")

    assert [countdown.over(), countdown.over()] == ["joining: all", None]

"""Options of webhooks; those of slow endpoints and weaknesses are with theirs."""

from __future__ import annotations

import pytest

from wedload.sandbox.options import parse_options


def test_defaults_of_webhooks():
    options = parse_options([], {})
    assert options.webhook_retries_s == (0.2, 1.0, 5.0)
    assert options.webhook_timeout_s == 15.0
    assert options.webhook_concurrency == 8
    assert options.webhook_weakness == ()
    assert options.realtime_weakness == ()


def test_options_of_webhooks_are_read():
    given = ["--webhook-retries", "1s,2s", "--webhook-timeout", "0.5", "--webhook-concurrency", "1"]
    options = parse_options(given, {})
    assert options.webhook_retries_s == (1.0, 2.0)
    assert (options.webhook_timeout_s, options.webhook_concurrency) == (0.5, 1)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--webhook-retries", "soon"], "'soon' is no list of waits; write '200ms,1s,5s'"),
        (["--webhook-timeout", "0"], "'0' is no time-out; give up to 600 seconds"),
        (["--webhook-timeout", "601"], "'601' is no time-out"),
        (["--webhook-timeout", "x"], "'x' is no number"),
        (["--webhook-concurrency", "0"], "'0' is no number of webhooks; give 1 to 256"),
        (["--webhook-concurrency", "257"], "give 1 to 256"),
        (["--webhook-weakness", "lose"], "'lose' is not KIND=1/N; write 'lose=1/1428'"),
        (["--realtime-weakness", "missign=1/2"], "'missign' is no weakness"),
    ],
)
def test_wrong_ones_are_refused_with_what_is_expected(given, said, capsys):
    with pytest.raises(SystemExit) as stopped:
        parse_options(given, {})
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err

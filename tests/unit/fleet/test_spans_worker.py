"""Where the receiver of spans may listen."""

from __future__ import annotations

import pytest

from wedload.errors import EarError
from wedload.fleet.span_messages import OpenSpans
from wedload.fleet.spans_worker import _bound


def asked(host: str, port: int = 0, *, expose: bool = False) -> OpenSpans:
    return OpenSpans("a run", host, port, expose, 100)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_it_is_on_this_machine(host):
    with _bound(asked(host)) as listener:
        assert listener.getsockname()[1] > 0


def test_where_others_reach_it_the_plan_has_to_say_so():
    with pytest.raises(EarError, match="can be reached from other machines") as caught:
        _bound(asked("0.0.0.0"))
    assert "expose = true" in caught.value.hint
    _bound(asked("0.0.0.0", expose=True)).close()


def test_an_address_that_this_machine_does_not_have_is_told():
    with pytest.raises(EarError, match=r"cannot listen on 192\.0\.2\.1:0"):
        _bound(asked("192.0.2.1", expose=True))

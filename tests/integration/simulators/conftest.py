"""A fault proxy between plain sockets, on either kind of loop."""

from __future__ import annotations

import asyncio

import pytest
import uvloop

from tests.helpers.proxied import proxied


@pytest.fixture(params=[uvloop.new_event_loop, asyncio.new_event_loop], ids=["uvloop", "asyncio"])
def front(request):
    with proxied(request.param) as one:
        yield one

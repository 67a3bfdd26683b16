"""Third parties on real sockets, and servers that ask them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.third_parties import playing


@pytest.fixture
async def provider():
    async with playing() as provider:
        yield provider


@pytest.fixture
def platform(start, provider, visit):
    """Starts a server that asks the provider, without some protections if so wanted; a visitor."""

    def begin(*args: str, without: tuple[str, ...] = (), deadline: str = "20s"):
        switched_off = [part for name in without for part in ("--without", name)]
        return visit(
            start(
                *("--suppliers", "1", "--rate-limit", "0"),
                *("--calendar-url", provider.url, "--email-url", provider.url),
                *("--third-party-deadline", deadline),
                *switched_off,
                *args,
            )
        )

    return begin


@pytest.fixture
def counts():
    """What a server did with one third party."""

    async def read(visitor: Any, name: str) -> dict[str, int]:
        return (await visitor.get("/_sandbox/counts")).body["third_parties"][name]

    return read

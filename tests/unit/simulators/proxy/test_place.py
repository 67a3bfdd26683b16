"""Where a proxy may listen and connect to."""

from __future__ import annotations

import asyncio
import socket

import pytest

from wedload.errors import PartyError
from wedload.simulators.proxy.place import Place, bound, loopback_only, resolved


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:0", "127.0.0.1", 0),
        ("localhost:80", "localhost", 80),
        ("[::1]:65535", "::1", 65535),
    ],
)
def test_a_place_is_read_and_written_as_it_was(text, host, port):
    place = Place.parse(text, "front")
    assert (place.host, place.port, str(place)) == (host, port, text)


@pytest.mark.parametrize(
    "text",
    ["127.0.0.1", ":80", "::1:80", "localhost:http", "localhost:65536"],
)
def test_what_is_no_place_is_told_with_its_proxy_and_the_remedy(text):
    with pytest.raises(PartyError, match="is not host:port") as told:
        Place.parse(text, "front")
    assert "proxy front" in told.value.message
    assert "127.0.0.1" in (told.value.hint or "")


@pytest.mark.parametrize(
    ("address", "is_here"),
    [("127.0.0.1", True), ("127.8.9.10", True), ("::1", True), ("0.0.0.0", False),
     ("192.0.2.1", False), ("fe80::1%eth0", False)],
)  # fmt: skip
def test_loopback_is_this_machine_alone(address, is_here):
    assert loopback_only(address) is is_here


def test_a_name_is_resolved_once():
    place = asyncio.run(resolved(Place("localhost", 80), "front", loopback_only, listens=True))
    assert loopback_only(place.host)
    assert place.port == 80


@pytest.mark.parametrize(
    ("listens", "does"), [(True, "does not expose it"), (False, "nothing allows to connect")]
)
def test_other_machines_are_refused(listens, does):
    with pytest.raises(PartyError, match=rf"192\.0\.2\.1 is not on loopback, and .*{does}"):
        asyncio.run(resolved(Place("192.0.2.1", 80), "front", loopback_only, listens=listens))


def test_every_address_of_a_host_must_be_allowed():
    seen = []

    def allowed(address):
        seen.append(address)
        return len(seen) < 2

    async def main():
        loop = asyncio.get_running_loop()

        async def two(*_, **__):
            return [(socket.AF_INET, 0, 0, "", ("127.0.0.1", 80)),
                    (socket.AF_INET, 0, 0, "", ("198.51.100.1", 80))]  # fmt: skip

        loop.getaddrinfo = two
        await resolved(Place("both.example", 80), "front", allowed, listens=False)

    with pytest.raises(PartyError, match=r"both\.example \(198\.51\.100\.1\)"):
        asyncio.run(main())
    assert seen == ["127.0.0.1", "198.51.100.1"]


def test_a_port_that_is_taken_is_told():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = Place("127.0.0.1", taken.getsockname()[1])
        with pytest.raises(PartyError, match=f"cannot listen on {place}") as told:
            bound(place, "front")
    assert "another port" in (told.value.hint or "")

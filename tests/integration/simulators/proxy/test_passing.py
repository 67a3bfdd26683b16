"""A proxy without faults: every byte, both halves, resets, and peers that vanish."""

from __future__ import annotations

import asyncio
import hashlib
import random
import socket

import pytest

from tests.helpers.faults import ByHand
from tests.helpers.proxied import eventually, plain, proxied, reset, rest_of
from wedload.alarm import Alarm
from wedload.errors import PartyError
from wedload.simulators.proxy.server import ProxyServer


def test_bytes_pass_both_ways_and_are_counted(front):
    client, served = front.ends()
    client.sendall(b"question")
    assert served.recv(100) == b"question"
    served.sendall(b"answers")
    assert client.recv(100) == b"answers"
    report = front.report()
    assert (report["connections"], report["open"]) == (1, 1)
    assert (report["bytes_up"], report["bytes_down"]) == (8, 7)
    client.close()
    served.close()


def test_either_half_ends_by_itself(front):
    client, served = front.ends()
    client.sendall(b"all of it")
    client.shutdown(socket.SHUT_WR)
    assert rest_of(served) == b"all of it"
    served.sendall(b"still answered")
    served.close()
    assert rest_of(client) == b"still answered"
    client.close()
    eventually(lambda: front.report()["open"] == 0)
    assert front.report()["resets"] == 0


def test_a_service_that_ends_first_is_still_told_the_rest(front):
    client, served = front.ends()
    served.shutdown(socket.SHUT_WR)
    assert client.recv(100) == b""
    client.sendall(b"the rest")
    client.close()
    assert rest_of(served) == b"the rest"
    served.close()


@pytest.mark.parametrize("who", ["client", "service"])
def test_a_reset_is_passed_on_as_a_reset(front, who):
    client, served = front.ends()
    client.sendall(b"a")
    assert served.recv(1) == b"a"  # it is connected
    one, other = (client, served) if who == "client" else (served, client)
    reset(one)
    with pytest.raises(ConnectionResetError):
        other.recv(100)
    other.close()
    eventually(lambda: front.report()["open"] == 0)
    assert front.report()["resets"] == 1


def test_a_service_that_is_not_there_resets_its_clients_and_is_counted(front):
    nobody = socket.socket()
    nobody.bind(("127.0.0.1", 0))  # and does not listen
    front.connect_to(nobody)
    with pytest.raises(ConnectionResetError):
        front.knock()
    eventually(lambda: front.report()["open"] == 0)
    assert (front.report()["upstream_failures"], front.report()["connections"]) == (1, 1)
    front.connect_to(front.service)
    client, served = front.ends()
    served.close()
    assert client.recv(100) == b""
    client.close()
    nobody.close()


def test_who_comes_before_there_is_a_service_is_reset(front):
    front.proxy._upstream_at = None
    with pytest.raises(ConnectionResetError):
        front.knock()
    assert front.report()["upstream_failures"] == 1


def test_more_connections_than_are_allowed_are_refused():
    with proxied(most_connections=2) as front:
        kept = [front.ends() for _ in range(2)]
        with pytest.raises(ConnectionResetError):
            front.knock()
        assert front.report()["refused"] == 1
        for client, served in kept:
            client.sendall(b"on")
            assert served.recv(2) == b"on"
            client.close()
            served.close()


def test_many_connections_at_once_keep_their_bytes_apart(front):
    pairs = [front.ends() for _ in range(100)]
    for number, (client, _) in enumerate(pairs):
        client.sendall(b"%d" % number)
    for number, (_, served) in enumerate(pairs):
        assert served.recv(100) == b"%d" % number
        served.sendall(b"re: %d" % number)
        served.close()
    for number, (client, _) in enumerate(pairs):
        assert rest_of(client) == b"re: %d" % number
        client.close()
    eventually(lambda: front.report()["open"] == 0)
    assert front.report()["connections"] == 100


def test_a_reader_that_does_not_read_stops_the_writer_and_nothing_is_lost(front):
    client, served = front.ends()
    client.setblocking(False)
    sent = hashlib.sha256()
    noise, count = random.Random(1).randbytes(1 << 20), 0
    while count < 1 << 30:  # far beyond what sockets and the proxy keep
        try:
            written = client.send(noise)
        except BlockingIOError:
            if front.proxy._pairs and all(pair.upstream.full for pair in front.proxy._pairs):
                break
            continue
        sent.update(noise[:written])
        count += written
    assert count < 1 << 30
    plain(client)
    client.shutdown(socket.SHUT_WR)
    assert hashlib.sha256(rest_of(served)).digest() == sent.digest()
    client.close()
    served.close()


def answer_for_ever(served):
    while True:
        served.sendall(bytes(1 << 20))


def test_a_client_that_vanishes_in_mid_answer_takes_the_service_with_it(front):
    client, served = front.ends()
    client.close()

    with pytest.raises(OSError, match=r"reset|Broken pipe"):
        answer_for_ever(served)
    served.close()
    eventually(lambda: front.report()["open"] == 0)


def test_who_is_still_sent_what_was_written_is_reset_when_the_proxy_closes(front):
    client, served = front.ends()
    served.settimeout(0.05)
    with pytest.raises(TimeoutError):
        answer_for_ever(served)  # more than the client's socket takes, as it does not read
    client.shutdown(socket.SHUT_WR)
    served.shutdown(socket.SHUT_WR)

    async def close():
        front.proxy.close()

    front.call(close())
    eventually(lambda: not front.proxy._pairs)
    with pytest.raises(ConnectionResetError):
        rest_of(client)
    client.close()
    served.close()


def test_a_connection_may_be_reset_again_before_it_is_told_to_be_gone(front):
    client, served = front.ends()
    client.sendall(b"a")
    assert served.recv(1) == b"a"

    async def reset_twice():
        (pair,) = front.proxy._pairs
        pair.reset()
        pair.reset()
        await asyncio.sleep(0)
        pair.reset()

    front.call(reset_twice())
    eventually(lambda: front.report()["open"] == 0)
    assert front.report()["resets"] == 1
    client.close()
    served.close()


def test_ipv6_is_listened_on(front):
    async def there_and_back():
        alarm = Alarm(asyncio.get_running_loop())
        other = ProxyServer("six", "[::1]:0", ByHand(), alarm)
        address = await other.open()
        await other.connect_to("127.0.0.1", front.port)  # one proxy behind the other
        reader, writer = await asyncio.open_connection("::1", int(address.rpartition(":")[2]))
        writer.write(b"question")
        writer.write_eof()
        served, _ = await asyncio.to_thread(front.service.accept)
        with served:
            assert await asyncio.to_thread(rest_of, plain(served)) == b"question"
        assert await reader.read() == b""
        writer.close()
        other.close()
        alarm.close()
        return address

    assert asyncio.run(there_and_back()).startswith("[::1]:")


def test_a_proxy_listens_where_others_reach_it_only_if_it_is_exposed():
    async def opened(expose: bool) -> str:
        alarm = Alarm(asyncio.get_running_loop())
        one = ProxyServer("wide", "0.0.0.0:0", ByHand(), alarm, expose=expose)
        try:
            return await one.open()
        finally:
            one.close()
            alarm.close()

    assert asyncio.run(opened(expose=True)).startswith("0.0.0.0:")
    with pytest.raises(PartyError, match="the plan does not expose it"):
        asyncio.run(opened(expose=False))


def test_a_closed_proxy_resets_who_is_connected_and_refuses_who_comes(front):
    client, served = front.ends()

    async def close():
        front.proxy.close()

    front.call(close())
    for one in (client, served):
        with pytest.raises(ConnectionResetError):
            one.recv(100)
        one.close()
    eventually(lambda: not front.proxy._pairs)
    with pytest.raises(ConnectionRefusedError):
        front.client()

"""Every fault, as a plain socket sees it through a real proxy.

Instants have lower bounds only: a machine may be slow, but nothing comes early.
"""

from __future__ import annotations

import hashlib
import random
import socket
import threading
import time

import pytest

from tests.helpers.faults import a_fault
from tests.helpers.proxied import eventually, proxied, rest_of
from wedload.simulators.faults.lots import Lot

DELAY_S = 0.05


def answered(client, served, answer=b"answer"):
    client.sendall(b"question")
    assert served.recv(100) == b"question"
    begin_s = time.perf_counter()
    served.sendall(answer)
    return client.recv(1 << 20), time.perf_counter() - begin_s


@pytest.fixture
def ends(front):
    """Both ends of a connection through the proxy, closed in the end."""
    client, served = front.ends()
    yield client, served
    client.close()
    served.close()


def test_latency_delays_what_comes_down(front, ends):
    front.set(a_fault(latency="50ms"))
    data, took_s = answered(*ends)
    assert data == b"answer"
    assert took_s >= DELAY_S
    assert front.report()["by_fault"] == {"it": 1}


def test_jitter_takes_off_no_more_than_it_says(front, ends):
    front.set(a_fault(latency="50ms", jitter="20ms"))
    assert all(answered(*ends)[1] >= 0.03 for _ in range(5))


def test_latency_upwards_delays_the_question_and_not_the_answer(front, ends):
    client, served = ends
    front.set(a_fault(latency="50ms", direction="up"))
    begin_s = time.perf_counter()
    client.sendall(b"question")
    assert served.recv(100) == b"question"
    assert time.perf_counter() - begin_s >= DELAY_S
    served.sendall(b"answer")
    assert client.recv(100) == b"answer"
    assert front.report()["by_fault"] == {"it": 1}


def test_latency_both_ways_counts_twice_for_a_round_trip(front, ends):
    client, served = ends
    front.set(a_fault(latency="50ms", direction="both"))
    begin_s = time.perf_counter()
    client.sendall(b"question")
    served.sendall(served.recv(100))
    assert client.recv(100) == b"question"
    assert time.perf_counter() - begin_s >= 2 * DELAY_S


def test_down_refuses_who_comes_and_resets_who_is_there(front, ends):
    client, served = ends
    answered(client, served)
    front.set(a_fault(down=True))
    for one in ends:
        with pytest.raises(ConnectionResetError):
            one.recv(100)
    for _ in range(3):
        with pytest.raises(ConnectionRefusedError):
            front.client()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", front.port))  # nobody can take the port meanwhile
    front.set()
    eventually(lambda: front.proxy._server is not None)
    client, served = front.ends()  # on the same port
    assert answered(client, served)[0] == b"answer"
    client.close()
    served.close()
    report = front.report()
    assert (report["connections"], report["resets"], report["by_fault"]) == (2, 1, {"it": 1})


def test_down_may_come_and_go_at_once_and_the_last_word_holds(front):
    async def flicker(*last):
        for _ in range(10):
            front.injections.set(a_fault(down=True))
            front.injections.set()
        front.injections.set(*last)

    front.call(flicker(a_fault(down=True)))
    with pytest.raises(ConnectionRefusedError):
        front.client()
    front.call(flicker())
    eventually(lambda: front.proxy._server is not None)
    client, served = front.ends()
    client.close()
    served.close()


def test_down_for_a_share_resets_exactly_those_that_are_drawn():
    half = a_fault(down=True, toxicity=0.5)
    drawn = [Lot(1, "front", number).suffers(half) for number in range(200)]
    seen = []
    with proxied() as front:
        front.set(half)
        for _ in drawn:
            try:
                with front.client() as client:
                    served = front.service.accept()[0] if not drawn[len(seen)] else None
                    if served is None:
                        assert client.recv(1) == b""
                    else:
                        served.close()
                seen.append(False)
            except ConnectionResetError:
                seen.append(True)
        assert seen == drawn
        assert front.report()["refused"] == sum(drawn)
        assert front.report()["by_fault"] == {"it": sum(drawn)}


def test_a_share_of_two_hundred_connections_suffers_a_fault_of_bytes():
    half = a_fault(reset=True, toxicity=0.5)
    drawn = [Lot(1, "front", number).suffers(half) for number in range(200)]
    seen = []
    with proxied() as front:
        front.set(half)
        for _ in drawn:
            client, served = front.ends()
            served.sendall(b"answer")
            try:
                assert client.recv(100) == b"answer"
                seen.append(False)
            except ConnectionResetError:
                seen.append(True)
            client.close()
            served.close()
        assert seen == drawn
        assert front.report()["resets"] == sum(drawn)
        assert front.report()["by_fault"] == {"it": sum(drawn)}


def test_reset_is_a_reset_and_no_end(front, ends):
    client, served = ends
    front.set(a_fault(reset=True))
    served.sendall(b"answer")
    with pytest.raises(ConnectionResetError):
        client.recv(100)
    with pytest.raises(ConnectionResetError):
        served.recv(100)
    eventually(lambda: front.report()["resets"] == 1)


def test_reset_after_a_duration_comes_no_earlier_and_nothing_before_it(front, ends):
    client, served = ends
    front.set(a_fault(reset="50ms"))
    begin_s = time.perf_counter()
    served.sendall(b"answer")
    with pytest.raises(ConnectionResetError):
        client.recv(100)
    assert time.perf_counter() - begin_s >= DELAY_S


def test_timeout_holds_what_comes_until_it_ends(front, ends):
    client, served = ends
    front.set(a_fault(timeout=True))
    client.sendall(b"question")
    assert served.recv(100) == b"question"  # upwards nothing is held
    served.sendall(b"answer")
    served.close()
    client.settimeout(0.05)
    with pytest.raises(TimeoutError):
        client.recv(100)
    client.settimeout(30)
    front.set()
    assert rest_of(client) == b"answer"


def test_timeout_with_a_duration_closes_and_is_no_reset(front, ends):
    client, served = ends
    front.set(a_fault(timeout="50ms"))
    begin_s = time.perf_counter()
    served.sendall(b"answer")
    assert rest_of(client) == b""
    assert time.perf_counter() - begin_s >= DELAY_S
    assert front.report()["resets"] == 0


def test_bandwidth_takes_as_long_as_it_must(front, ends):
    client, served = ends
    front.set(a_fault(bandwidth=1_000_000))
    begin_s = time.perf_counter()
    served.sendall(bytes(100_000))
    served.close()
    assert len(rest_of(client)) == 100_000
    assert time.perf_counter() - begin_s >= 0.1


def test_slow_close_delays_the_end_and_not_the_data(front, ends):
    client, served = ends
    front.set(a_fault(slow_close="50ms"))
    begin_s = time.perf_counter()
    served.sendall(b"answer")
    served.close()
    assert client.recv(100) == b"answer"
    assert client.recv(100) == b""
    assert time.perf_counter() - begin_s >= DELAY_S


def test_slicer_lets_small_pieces_through_with_pauses(front, ends):
    client, served = ends
    front.set(a_fault(slicer={"size": 100, "vary": 20, "delay": 10_000_000}))
    sent = random.Random(1).randbytes(1_000)
    begin_s = time.perf_counter()
    served.sendall(sent)
    served.close()
    pieces = []
    while data := client.recv(1 << 20):
        pieces.append(data)
    assert b"".join(pieces) == sent
    assert len(pieces) > 1
    assert time.perf_counter() - begin_s >= 0.07  # eight pauses or more, after the first of nine


def test_limit_data_ends_after_exactly_so_many_bytes_and_is_no_reset(front, ends):
    client, served = ends
    front.set(a_fault(limit_data=1_000))
    client.sendall(b"what nobody reads" * 100)  # closing at once would be a reset
    served.sendall(bytes(10_000))
    assert len(rest_of(client)) == 1_000
    client.close()
    eventually(lambda: front.report()["open"] == 0)
    assert front.report()["resets"] == 0
    assert front.report()["bytes_down"] == 1_000


def test_faults_of_whole_requests_are_none_of_a_proxys(front, ends):
    front.set(a_fault(status=503, empty=True, malformed="chunk"))
    assert answered(*ends)[0] == b"answer"


#: what none of them cuts off
PASSING = (
    a_fault("latency", latency="3ms", jitter="3ms"),
    a_fault("bandwidth", bandwidth=40_000_000),
    a_fault("timeout", timeout=True),
    a_fault("slicer", slicer={"size": 50_000, "vary": 20_000, "delay": 0}),
    a_fault("slow close", slow_close="20ms"),
)


def test_nothing_is_forgotten_or_reordered_while_faults_come_and_go_in_mid_transfer(front, ends):
    client, served = ends
    size = 30 << 20
    sent, got, count = hashlib.sha256(), hashlib.sha256(), 0
    changes, over = threading.Semaphore(0), threading.Event()

    def send():
        noise = random.Random(1)
        for _ in range(size >> 20):
            changes.acquire()  # each piece meets other faults than the one before it
            data = noise.randbytes(1 << 20)
            sent.update(data)
            served.sendall(data)
        served.shutdown(socket.SHUT_WR)
        over.set()

    def change():
        chosen = random.Random(2)
        while not over.wait(0.002):
            front.set(*(one for one in PASSING if chosen.random() < 0.4))
            changes.release()
        front.set()

    threads = [threading.Thread(target=send), threading.Thread(target=change)]
    for thread in threads:
        thread.start()
    while data := client.recv(1 << 20):
        got.update(data)
        count += len(data)
    for thread in threads:
        thread.join()
    assert (count, got.digest()) == (size, sent.digest())
    assert len(front.report()["by_fault"]) >= 4
    assert front.report()["bytes_down"] == size


def test_a_connection_that_waits_for_its_service_suffers_what_comes_meanwhile(front):
    front.set(a_fault(timeout=True, direction="up"))
    client, served = front.ends()
    client.sendall(b"question")
    client.shutdown(socket.SHUT_WR)
    served.settimeout(0.05)
    with pytest.raises(TimeoutError):
        served.recv(100)
    served.settimeout(30)
    front.set()
    assert rest_of(served) == b"question"
    client.close()
    served.close()


def test_what_a_fault_holds_stops_who_sends(front, ends):
    client, served = ends
    front.set(a_fault(timeout=True))
    served.setblocking(False)
    sent = 0
    while True:
        try:
            sent += served.send(bytes(1 << 20))
        except BlockingIOError:
            (pair,) = front.proxy._pairs
            if pair.upstream._paused:
                break
        assert sent < 1 << 28
    front.set()
    served.settimeout(30)
    served.shutdown(socket.SHUT_WR)
    assert len(rest_of(client)) == sent

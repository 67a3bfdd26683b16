"""Connections of HTTP/2: which version is spoken, many requests on one, and how they end."""

from __future__ import annotations

import asyncio

import h2.settings
import psutil
import pytest

from tests.helpers.waiting import GENEROUS_S, SOON_S, until
from wedload.protocols.http.interrupted import Interrupted
from wedload.units import NS_PER_MS, NS_PER_S
from wedload.workload.request import FileContent, Origin, Request, StreamedBody

OK1 = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
STREAMS = h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS
CANCEL, REFUSED = 8, 7


async def answering(peer):
    while (asked := await peer.request()) is not None:
        await peer.answer(asked.stream)


def at_once(number):
    """Answer nobody before so many have asked."""

    async def play(peer):
        await peer.until(lambda: len(peer.whole) == number)
        while peer.whole:
            await peer.answer(peer.whole.pop().stream)  # the last one first
        await answering(peer)

    return play


def outcomes(responses):
    return {(response.outcome, response.status, response.body) for response in responses}


FINE = {("ok", 200, b"hello")}


# --- which version ----------------------------------------------------------------------------


async def test_a_connection_is_made_once_and_kept(serve_http2, talking, adds_up):
    server = await serve_http2(answering)
    talk = talking()
    responses = [await talk(server) for _ in range(50)]
    assert outcomes(responses) == FINE
    assert server.connections == 1
    assert responses[0].connecting.tls_handshaking_ns > 0
    assert all(response.connecting is None for response in responses[1:])
    for response in responses:
        adds_up(response)


async def test_without_tls_http2_is_spoken_with_prior_knowledge(serve_http2, talking):
    server = await serve_http2(answering, tls=False)
    assert outcomes([await talking()(server)]) == FINE


@pytest.mark.parametrize("offers", [["http/1.1"], None])
async def test_a_server_that_does_not_agree_to_http2_is_a_tls_failure(
    serve, talking, server_context, answering, no_socket_left, offers
):
    context = server_context()
    if offers is not None:
        context.set_alpn_protocols(offers)
    server = await serve(answering(OK1), tls=context)
    before = psutil.Process().num_fds()
    talk = talking("2")
    response = await talk(server)
    assert (response.outcome, response.sent_ns) == ("tls", 0)
    assert response.problem.endswith("no HTTP/2: h2 was offered by ALPN, and it agreed to nothing")
    assert server.requests == []
    await no_socket_left(talk, server, before)


async def test_auto_speaks_http2_where_it_is_agreed_on(serve_http2, talking):
    server = await serve_http2(at_once(10))
    talk = talking("auto")
    assert outcomes(await asyncio.gather(*(talk(server) for _ in range(10)))) == FINE
    assert server.connections == 1


@pytest.mark.parametrize("offers", [["http/1.1"], None])
async def test_auto_speaks_http1_where_http2_is_not_agreed_on(
    serve, talking, server_context, answering, no_socket_left, offers
):
    context = server_context()
    if offers is not None:
        context.set_alpn_protocols(offers)
    server = await serve(answering(OK1), tls=context)
    before = psutil.Process().num_fds()
    talk = talking("auto")
    responses = [await talk(server) for _ in range(3)]
    assert outcomes(responses) == FINE
    assert [response.connecting is not None for response in responses] == [True, False, False]
    assert server.connections == 1
    assert outcomes(await asyncio.gather(*(talk(server) for _ in range(30)))) == FINE
    assert server.connections <= 6
    await no_socket_left(talk, server, before)


async def test_auto_speaks_http1_without_tls(serve, talking, answering):
    server = await serve(answering(OK1))
    assert outcomes([await talking("auto")(server)]) == FINE


async def test_a_server_that_speaks_http1_without_tls_is_a_protocol_failure(
    serve, talking, closing_after
):
    server = await serve(closing_after(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    # the preface of HTTP/2 looks like a request to a server of HTTP/1.1
    response = await talking("2")(server)
    assert response.outcome == "protocol"
    assert response.problem.startswith("HTTP/2 not understood")


# --- many at the same time --------------------------------------------------------------------


async def test_requests_at_the_same_time_share_one_connection(
    serve_http2, talking, no_socket_left, adds_up
):
    server = await serve_http2(at_once(40))
    before = psutil.Process().num_fds()
    talk = talking()
    responses = await asyncio.gather(*(talk(server) for _ in range(40)))
    assert outcomes(responses) == FINE
    assert server.connections == 1
    assert sum(response.connecting is not None for response in responses) == 1
    for response in responses:
        adds_up(response)
    await no_socket_left(talk, server, before)


async def test_no_more_requests_are_sent_at_a_time_than_the_server_takes(serve_http2, talking):
    most = 0

    async def play(peer):
        nonlocal most
        for _ in range(4):
            await peer.until(lambda: len(peer.whole) == 3)
            most = max(most, len(peer.whole) + len(peer.open))
            for asked in peer.whole:
                await peer.answer(asked.stream)
            peer.whole.clear()
        await answering(peer)

    server = await serve_http2(play, settings={STREAMS: 3})
    talk = talking()
    assert outcomes(await asyncio.gather(*(talk(server) for _ in range(12)))) == FINE
    assert (most, server.connections) == (3, 1)


async def test_a_server_that_takes_no_requests_is_a_timeout(serve_http2, talking):
    async def play(peer):
        asked = await peer.request()
        peer.state.update_settings({STREAMS: 0})
        await peer.answer(asked.stream)
        await answering(peer)

    server = await serve_http2(play)
    talk = talking()
    assert outcomes([await talk(server)]) == FINE
    response = await talk(server, timeout_s=SOON_S)
    assert response.outcome == "timeout"
    assert "no more requests at the same time" in response.problem
    assert response.duration >= SOON_S * 1000 * NS_PER_MS
    assert len(server.requests) == 1


async def test_a_time_out_ends_its_own_stream_only(serve_http2, talking):
    async def play(peer):
        await peer.until(lambda: len(peer.whole) == 2)
        patient = next(asked for asked in peer.whole if asked.get(b":path") == b"/patient")
        await peer.until(lambda: peer.resets)
        resets.extend(peer.resets)
        await peer.answer(patient.stream)
        peer.whole.clear()
        await answering(peer)

    resets = []
    server = await serve_http2(play)
    talk = talking()
    hasty, patient = await asyncio.gather(
        talk(server, timeout_s=SOON_S), talk(server, target=b"/patient")
    )
    assert hasty.outcome == "timeout"
    assert hasty.duration >= SOON_S * 1000 * NS_PER_MS
    assert patient.outcome == "ok"
    assert [code for _, code in resets] == [CANCEL]
    assert outcomes([await talk(server)]) == FINE
    assert server.connections == 1


# --- how they end -----------------------------------------------------------------------------


async def test_what_comes_after_the_last_stream_of_a_goaway_goes_to_a_new_connection(
    serve_http2, talking, adds_up
):
    async def play(peer):
        if peer.peer.server.connections > 1:
            await answering(peer)
            return
        await peer.until(lambda: len(peer.whole) == 4)
        streams = sorted(asked.stream for asked in peer.whole)
        peer.state.close_connection(last_stream_id=streams[1])
        goaway = peer.state.data_to_send()
        await peer.raw(goaway)
        for stream in streams[:2]:  # hyper-h2 would not, after its GOAWAY
            headers = b"\0\0\x01\x01\x04" + stream.to_bytes(4) + b"\x88"
            await peer.raw(headers + b"\0\0\x05\0\x01" + stream.to_bytes(4) + b"hello")

    server = await serve_http2(play)
    talk = talking()
    responses = await asyncio.gather(*(talk(server) for _ in range(4)))
    assert outcomes(responses) == FINE
    made = [response.connecting.again for response in responses if response.connecting]
    assert sorted(made) == [False, True]
    assert (server.connections, len(server.requests)) == (2, 4 + 2)
    for response in responses:
        adds_up(response)


def refusing(times):
    """Refuse so many streams, and answer the others with what was asked."""

    async def play(peer):
        for _ in range(times):
            asked = await peer.request()
            if asked is not None:
                peer.state.reset_stream(asked.stream, REFUSED)
                await peer.flush()
        while (asked := await peer.request()) is not None:
            await peer.answer(asked.stream, bytes(asked.body))

    return play


@pytest.mark.parametrize("size", [0, 1000, 400_000])
async def test_a_stream_that_the_server_refuses_is_sent_once_more(
    serve_http2, talking, adds_up, tmp_path, size
):
    content = tmp_path / "body.bin"
    content.write_bytes(b"w" * size)
    body = StreamedBody((FileContent(str(content), size),)) if size > 1000 else content.read_bytes()
    server = await serve_http2(refusing(1))
    response = await talking()(server, method="PUT", body=body)
    assert (response.outcome, response.body) == ("ok", content.read_bytes())
    assert server.connections == 1
    adds_up(response)


async def test_the_bytes_of_a_refused_request_are_counted(serve_http2, talking):
    server = await serve_http2(refusing(1))
    talk = talking()
    response = await talk(server, method="PUT", body=b"w" * 10_000)
    talk.client.close()
    await server.all_ended()
    assert response.sent_bytes > 20_000
    assert 0 <= server.received_bytes - response.sent_bytes < 500


async def test_a_server_that_refuses_twice_is_taken_at_its_word(serve_http2, talking, adds_up):
    server = await serve_http2(refusing(2))
    talk = talking()
    response = await talk(server)
    assert (response.outcome, response.status) == ("reset", 0)
    assert response.problem == "the server reset the stream: REFUSED_STREAM"
    adds_up(response)
    assert len(server.requests) == 2
    assert (await talk(server)).outcome == "ok"
    assert server.connections == 1


async def test_requests_that_waited_for_a_stream_go_to_a_new_connection(serve_http2, talking):
    async def play(peer):
        asked = await peer.request()
        if peer.peer.server.connections == 1:
            await peer.raw(b"\0\0\x08\x07\0\0\0\0\0" + asked.stream.to_bytes(4) + bytes(4))
        await peer.answer(asked.stream)
        await answering(peer)

    server = await serve_http2(play, settings={STREAMS: 1})
    talk = talking()
    assert outcomes(await asyncio.gather(*(talk(server) for _ in range(5)))) == FINE
    assert (server.connections, len(server.requests)) == (2, 5)


async def test_a_connection_that_the_server_ends_while_idle_is_replaced(serve_http2, talking):
    async def play(peer):
        asked = await peer.request()
        await peer.answer(asked.stream)
        peer.over = True

    server = await serve_http2(play)
    talk = talking()
    for number in range(3):
        response = await talk(server)
        assert outcomes([response]) == FINE
        assert response.connecting.again == (number > 0)
        async with asyncio.timeout(30):
            while talk.client._hosts[server.origin()].http2.usable:
                await asyncio.sleep(0.002)
    assert server.connections == 3


async def test_a_request_that_is_given_up_is_reset_and_the_connection_lives(serve_http2, talking):
    async def play(peer):
        await peer.until(lambda: peer.resets)
        resets.extend(peer.resets)
        peer.whole.clear()
        await answering(peer)

    resets = []
    server = await serve_http2(play)
    talk = talking()
    asking = asyncio.create_task(talk(server))
    async with asyncio.timeout(30):
        while not server.requests:
            await asyncio.sleep(0.002)
    asking.cancel()
    with pytest.raises(Interrupted) as found:
        await asking
    assert found.value.sent_bytes > 0
    assert found.value.ended_ns > found.value.started_ns > 0
    assert outcomes([await talk(server)]) == FINE
    assert [code for _, code in resets] == [CANCEL]
    assert server.connections == 1


@pytest.mark.parametrize("moment", range(12))
async def test_a_virtual_user_that_is_cancelled_leaves_no_socket(
    serve_http2, talking, no_socket_left, moment
):
    async def play(peer):
        await peer.request()

    server = await serve_http2(play)
    before = psutil.Process().num_fds()
    talk = talking()
    asking = [asyncio.create_task(talk(server)) for _ in range(3)]
    for _ in range(moment):
        await asyncio.sleep(0.0005)
    for one in asking:
        one.cancel()
    assert all(
        isinstance(end, asyncio.CancelledError)
        for end in await asyncio.gather(*asking, return_exceptions=True)
    )
    await no_socket_left(talk, server, before)


async def test_closing_the_pool_ends_what_is_under_way(serve_http2, talking):
    async def play(peer):
        await peer.request()

    server = await serve_http2(play)
    talk = talking()
    asking = asyncio.create_task(talk(server))
    async with asyncio.timeout(30):
        while not server.requests:
            await asyncio.sleep(0.002)
    await talk.pool.close()
    assert (await asking).outcome == "reset"
    await server.all_ended()


@pytest.mark.parametrize("tls", [True, False])
async def test_a_server_that_ends_every_connection_at_once_is_not_asked_for_ever(
    serve_http2, talking, tls
):
    async def play(peer):
        await peer.raw(b"\0\0\x08\x07\0\0\0\0\0" + bytes(8))  # GOAWAY, none was answered
        peer.over = True

    server = await serve_http2(play, tls=tls)
    talk = talking()
    responses = await asyncio.gather(*(talk(server) for _ in range(4)))
    assert {response.outcome for response in responses} == {"reset"}
    assert server.connections <= 4


@pytest.mark.parametrize("http", ["2", "auto"])
async def test_a_request_waits_no_longer_for_the_connecting_of_another_than_it_may(
    talking, full_backlog, http
):
    talk = talking(http)
    patient = asyncio.create_task(talk(full_backlog))
    await asyncio.sleep(0)  # it begins to connect
    hasty = await talk(full_backlog, timeout_s=SOON_S)
    assert not patient.done()
    patient.cancel()
    assert hasty.outcome == "timeout"
    assert hasty.problem == f"no connection to {full_backlog} within the time-out"
    assert hasty.duration >= SOON_S * 1000 * NS_PER_MS
    with pytest.raises(asyncio.CancelledError):
        await patient


async def test_a_request_waits_no_longer_for_a_free_connection_of_http1_than_it_may(serve, talking):
    async def play(peer):
        await peer.request()
        await answered.wait()
        await peer.send(OK1)

    answered = asyncio.Event()
    server = await serve(play)
    talk = talking("auto")
    patient = [asyncio.create_task(talk(server)) for _ in range(6)]
    async with asyncio.timeout(30):
        while len(server.requests) < 6:
            await asyncio.sleep(0.002)
    hasty = await talk(server, timeout_s=SOON_S)
    answered.set()
    assert hasty.outcome == "timeout"
    assert hasty.duration >= SOON_S * 1000 * NS_PER_MS
    assert outcomes(await asyncio.gather(*patient)) == FINE
    assert len(server.requests) == 6


async def test_a_failed_connection_ends_each_request_that_waits_for_it(talking):
    talk = talking()
    responses = await asyncio.gather(*(talk(Origin("https", "127.0.0.1", 1)) for _ in range(3)))
    assert {response.outcome for response in responses} == {"connect"}


@pytest.mark.parametrize("version", ["2", "auto"])
async def test_a_turn_is_taken_when_there_is_a_connection_and_before_anything_is_sent(
    serve, serve_http2, talking, server_context, version
):
    async def play(peer):
        while await peer.request() is not None:
            await peer.send(OK1)

    server = await (serve_http2(answering) if version == "2" else serve(play, tls=server_context()))
    client, seen = talking(version).client, []

    async def turn():
        await until(lambda: server.connections > 0)  # else nobody ever connects
        seen.append((server.connections, len(server.requests)))

    request = Request(server.origin(), "GET", b"/", b"", None)
    for _ in range(2):
        response = await client.exchange(request, (), GENEROUS_S * NS_PER_S, 1_000, turn=turn)
        assert response.outcome == "ok", response.problem

    assert seen == [(1, 0), (1, 1)]

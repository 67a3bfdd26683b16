"""TLS of the wire client, with certificates of an authority of the tests' own."""

from __future__ import annotations

import asyncio
import os
import ssl

import psutil
import pytest

from tests.helpers.responses import OK
from tests.helpers.waiting import GENEROUS_S
from wedload.protocols.http.tls import client_context
from wedload.units import NS_PER_MS


@pytest.fixture
async def trusting(files, talk_tls):
    """A client that trusts the authority."""
    return await talk_tls(client_context(ca=str(files / "ca.pem")))


async def test_a_tls_session_is_made_once_and_kept(
    serve, trusting, answering, server_context, adds_up
):
    server = await serve(answering(OK), tls=server_context())
    responses = [await trusting(server) for _ in range(50)]
    assert {(response.outcome, response.body) for response in responses} == {("ok", b"hello")}
    assert (server.connections, len(server.requests)) == (1, 50)
    connecting = responses[0].connecting
    assert connecting.tls_handshaking_ns > 0
    assert connecting.connecting_ns + connecting.tls_handshaking_ns <= connecting.blocked_ns
    assert all(response.connecting is None for response in responses[1:])
    for response in responses:
        adds_up(response)


async def test_a_name_of_the_certificate_is_accepted(serve, trusting, answering, server_context):
    server = await serve(answering(OK), tls=server_context("localhost"))
    assert (await trusting(server.origin("localhost"))).outcome == "ok"


async def test_a_certificate_for_another_name_is_a_tls_failure_that_says_so(
    serve, trusting, answering, server_context
):
    server = await serve(answering(OK), tls=server_context("other.example"))
    response = await trusting(server.origin("localhost"))
    assert (response.outcome, response.sent_ns) == ("tls", 0)
    assert "Hostname mismatch" in response.problem
    assert "localhost" in response.problem
    await server.all_ended()
    assert server.requests == []


async def test_a_certificate_of_an_unknown_authority_is_a_tls_failure(
    serve, talk, answering, server_context
):
    server = await serve(answering(OK), tls=server_context())
    response = await talk(server)  # trusts the system's authorities
    assert response.outcome == "tls"
    assert "unable to get local issuer certificate" in response.problem
    await server.all_ended()
    assert server.requests == []


async def test_without_verification_any_certificate_will_do(
    serve, talk_tls, answering, server_context
):
    server = await serve(answering(OK), tls=server_context("other.example"))
    client = await talk_tls(client_context(verify=False))
    assert (await client(server)).outcome == "ok"


async def test_a_client_certificate_is_shown(serve, talk_tls, server_context, files):
    async def play(peer):
        await peer.request()
        subjects.append(peer.writer.get_extra_info("peercert")["subjectAltName"])
        await peer.send(OK)

    subjects = []
    context = server_context()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(str(files / "ca.pem"))
    server = await serve(play, tls=context)
    client = await talk_tls(
        client_context(
            ca=str(files / "ca.pem"),
            cert=str(files / "client.pem"),
            key=str(files / "client.key"),
        )
    )
    assert (await client(server)).outcome == "ok"
    assert subjects == [(("email", "virtual-user@example.com"),)]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_client_without_the_certificate_that_is_asked_for_fails(
    serve, trusting, answering, server_context, files, version
):
    context = server_context()
    context.maximum_version = version
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(str(files / "ca.pem"))
    server = await serve(answering(OK), tls=context)
    response = await trusting(server)
    # TLS 1.3 refuses after the client's handshake, and this server says nothing before it resets
    assert response.outcome in {"tls", "reset"}
    assert server.requests == []


async def test_a_server_that_closes_in_the_handshake_is_a_tls_failure(serve, trusting):
    async def play(peer):
        await peer.reader.read(100)  # some of the client's hello

    server = await serve(play)
    server.scheme = "https"
    response = await trusting(server)
    assert (response.outcome, response.sent_ns) == ("tls", 0)
    assert "handshake" in response.problem


@pytest.mark.parametrize(
    "greeting",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"220 mail.example ESMTP\r\n",
        b"\x15\x03\x01\x00\x02\x02\x28",
    ],
    ids=["http", "smtp", "alert"],
)
async def test_a_server_that_does_not_speak_tls_is_a_tls_failure(serve, trusting, greeting):
    async def play(peer):
        await peer.reader.read(100)
        await peer.send(greeting)
        await peer.gone()

    server = await serve(play)
    server.scheme = "https"
    response = await trusting(server)
    assert (response.outcome, response.sent_ns) == ("tls", 0)
    assert response.problem
    await server.all_ended()


async def test_a_handshake_without_an_answer_is_a_time_out(serve, trusting, adds_up):
    async def play(peer):
        await peer.gone()

    server = await serve(play)
    server.scheme = "https"
    response = await trusting(server, timeout_s=0.1)
    assert response.outcome == "timeout"
    assert response.duration >= 100 * NS_PER_MS
    adds_up(response)
    await server.all_ended()


async def test_a_request_cancelled_in_the_handshake_closes_its_connection(serve, trusting):
    async def play(peer):
        await peer.reader.read(100)
        shaking.set()
        await peer.gone()

    shaking = asyncio.Event()
    server = await serve(play)
    server.scheme = "https"
    asking = asyncio.create_task(trusting(server))
    await shaking.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await server.all_ended()


async def test_large_bodies_go_both_ways(serve, trusting, server_context, adds_up):
    async def play(peer):
        while (request := await peer.request()) is not None:
            body = request.partition(b"\r\n\r\n")[2]
            await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    body = os.urandom(1_000_000) * 5
    server = await serve(play, tls=server_context())
    for _ in range(2):
        response = await trusting(server, method="POST", body=body)
        assert response.outcome == "ok"
        assert response.body == body
        assert response.sent_bytes == server.received_bytes / len(server.requests)
        adds_up(response)
    assert server.connections == 1


async def test_close_notify_ends_a_body_without_length(
    serve, trusting, closing_after, server_context
):
    body = b"x" * 100_000
    server = await serve(closing_after(b"HTTP/1.1 200 OK\r\n\r\n" + body), tls=server_context())
    for _ in range(2):
        response = await trusting(server)
        assert (response.outcome, response.body) == ("ok", body)
    assert server.connections == 2


async def test_close_notify_in_a_response_is_a_reset(
    serve, trusting, closing_after, server_context
):
    server = await serve(closing_after(OK[:-2]), tls=server_context())
    assert (await trusting(server)).outcome == "reset"


async def test_close_notify_on_an_idle_connection_leads_to_a_new_one(
    serve, trusting, closing_after, server_context
):
    server = await serve(closing_after(OK), tls=server_context())
    for _ in range(3):
        assert (await trusting(server)).outcome == "ok"
        async with asyncio.timeout(GENEROUS_S):
            while trusting.connected:
                await asyncio.sleep(0.002)
    assert server.connections == 3


# what aiohttp makes of such bytes is in test_aiohttp_client.py
@pytest.mark.parametrize("talk_tls", ["wire"], indirect=True)
async def test_bytes_after_a_response_end_a_tls_connection_too(
    serve, trusting, answering, server_context
):
    server = await serve(answering(OK + b"H", OK), tls=server_context())
    assert (await trusting(server)).outcome == "ok"
    assert (await trusting(server)).body == b"hello"
    assert server.connections == 2


async def tls_by_hand(peer, context) -> tuple[ssl.SSLObject, ssl.MemoryBIO]:
    """The server's side of a handshake and a request, with the bytes to send in our hands."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_side=True)
    shaken, asked = False, b""
    while not asked.endswith(b"\r\n\r\n"):
        incoming.write(await peer.reader.read(65_536))
        try:
            if not shaken:
                tls.do_handshake()
                shaken = True
            asked += tls.read(65_536)
        except ssl.SSLWantReadError:
            pass
        finally:
            if outgoing.pending:
                await peer.send(outgoing.read())
    return tls, outgoing


async def test_a_record_that_cannot_be_decrypted_is_a_protocol_failure(
    serve, trusting, server_context
):
    context = server_context()

    async def play(peer):
        tls, outgoing = await tls_by_hand(peer, context)
        tls.write(OK)
        record = bytearray(outgoing.read())
        record[-1] ^= 0xFF
        await peer.send(bytes(record))
        await peer.gone()

    server = await serve(play)
    server.scheme = "https"
    response = await trusting(server)
    assert response.outcome == "protocol"
    assert "TLS" in response.problem


async def test_an_alert_after_the_handshake_is_a_tls_failure_with_its_reason(
    serve, trusting, server_context
):
    """As a server with TLS 1.3 refuses a client without a certificate."""
    context = server_context()
    context.verify_mode = ssl.CERT_REQUIRED

    async def play(peer):
        with pytest.raises(ssl.SSLError):
            await tls_by_hand(peer, context)
        await peer.gone()

    server = await serve(play)
    server.scheme = "https"
    response = await trusting(server)
    assert response.outcome == "tls"
    assert "CERTIFICATE_REQUIRED" in response.problem


async def test_tls_records_split_at_any_byte_are_understood(serve, trusting, server_context):
    context = server_context()

    async def play(peer):
        tls, outgoing = await tls_by_hand(peer, context)
        tls.write(OK[:20])
        tls.write(OK[20:])
        await peer.send_in_pieces(outgoing.read())
        await peer.gone()

    server = await serve(play)
    server.scheme = "https"
    response = await trusting(server)
    assert (response.outcome, response.body) == ("ok", b"hello")


async def test_failed_handshakes_do_not_pile_up_sockets(serve, talk, answering, server_context):
    server = await serve(answering(OK), tls=server_context())
    process = psutil.Process()
    await talk(server)
    await server.all_ended()
    before = process.num_fds()
    for _ in range(30):
        assert (await talk(server)).outcome == "tls"
    await server.all_ended()
    async with asyncio.timeout(GENEROUS_S):
        while process.num_fds() > before:
            await asyncio.sleep(0.002)


def test_a_missing_certificate_file_is_an_os_error():
    with pytest.raises(OSError, match="No such file"):
        client_context(ca="/no/such/file.pem")

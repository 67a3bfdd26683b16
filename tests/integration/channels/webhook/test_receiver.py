"""The receiver's life: where it listens, by which URL it is found, TLS, and its end."""

from __future__ import annotations

import asyncio
import socket
import ssl

import pytest
import trustme

from tests.helpers.signed import SECRET, standard_headers
from tests.helpers.waiting import until
from tests.helpers.webhooks import Heard, channel_of, context_of, delivery, ear_of, signed_by
from wedload.channels.webhook.limits import Limits
from wedload.channels.webhook.receiver import WebhookEar
from wedload.errors import EarError
from wedload.plan.channels import Answer, Certificate
from wedload.units import NS_PER_MS, NS_PER_S

BODY = b'{"id": "s-1"}'


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def certificate(authority, tmp_path):
    """For localhost."""
    issued = authority.issue_cert("localhost")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    return Certificate(cert=str(tmp_path / "cert.pem"), key=str(tmp_path / "key.pem"))


@pytest.fixture
def trusting(authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def test_it_is_found_by_its_url(listen):
    receiver = await listen(webhook="/a/b")
    assert receiver.url.startswith("http://127.0.0.1:")
    assert receiver.url.endswith("/a/b")
    assert receiver.ear.report()["url"] == receiver.url
    assert await receiver.ear.join(lambda *_: None) == []


async def test_it_listens_on_ipv6_too(listen):
    receiver = await listen(listen="[::1]:0")
    assert receiver.url.startswith("http://[::1]:")
    sender = await receiver.sender()
    assert (await sender.post(BODY))[0] == 200


async def test_a_sender_may_find_it_elsewhere():
    channel = channel_of(webhook="/hooks", public_url="https://${env.WEDLOAD_TUNNEL}/")
    ear = WebhookEar(context_of(channel, Heard(), WEDLOAD_TUNNEL="tunnel.example"))
    assert await ear.listen() == "https://tunnel.example/hooks"
    await ear.close()


@pytest.mark.parametrize("url", ["tunnel.example", "", "ftp://tunnel.example"])
async def test_another_place_than_a_url_is_told(listen, url):
    with pytest.raises(EarError, match=f"channel deliveries: public_url '{url}' is no URL"):
        await listen(public_url=url)


async def test_it_speaks_tls(listen, certificate, trusting):
    receiver = await listen(
        listen="localhost:0", tls=certificate, signature=signed_by("standard-webhooks")
    )
    assert receiver.url.startswith("https://localhost:")
    sender = await receiver.sender(trusting)
    for number in range(3):
        headers = standard_headers(BODY, f"m{number}")
        assert (await sender.post(BODY, headers))[0] == 200
    assert len(receiver.hearing.messages) == 3


async def test_over_tls_too_a_sender_hears_of_its_refusal(listen, certificate, trusting):
    limits = Limits(linger_ns=60 * NS_PER_S)
    receiver = await listen(listen="localhost:0", tls=certificate, limits=limits)
    for data, status in [(delivery(bytes(10_000_000)), 413), (b"\x00\r\n", 400)]:
        sender = await receiver.sender(trusting)
        sender.writer.write(data)
        assert (await sender.answer())[0] == status
        assert await sender.rest() == b""
    await until(lambda: not receiver.ear._service.connections)


async def test_who_does_not_trust_it_or_speaks_no_tls_is_no_sender(listen, certificate, trusting):
    receiver = await listen(listen="localhost:0", tls=certificate)
    with pytest.raises(ssl.SSLCertVerificationError):
        await receiver.sender(ssl.create_default_context())
    plain = await receiver.sender()
    plain.writer.write(delivery(BODY))
    assert b"HTTP/1.1 2" not in await plain.rest()
    sender = await receiver.sender(trusting)
    assert (await sender.post(BODY))[0] == 200
    assert receiver.hearing.keys == ["s-1"]


async def test_a_port_that_is_taken_is_told_with_the_remedy(listen):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            EarError, match=rf"channel deliveries: .* 127\.0\.0\.1:{port}: "
        ) as told:
            await listen(listen=f"127.0.0.1:{port}")
    assert "port 0" in told.value.hint


@pytest.mark.parametrize("missing", ["cert", "key"])
async def test_a_certificate_that_cannot_be_used_is_told(listen, certificate, missing, tmp_path):
    path = tmp_path / f"{missing}.pem"
    path.write_text("none")
    with pytest.raises(EarError, match=rf"channel deliveries: no TLS .*{path}"):
        await listen(tls=certificate)
    path.unlink()
    with pytest.raises(EarError, match=rf"channel deliveries: no TLS .*{path}"):
        await listen(tls=certificate)


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("whpk_vlJsYPpQPKzLHkP3CNBhRbEyNEVpRTn9", "ed25519"),
        ("${env.WEDLOAD_SECRET}", "the secret of its signature has no value"),
        ("${int('not-a-number')}", "the secret of its signature has no value"),
        (None, "has no secret"),
    ],
)
async def test_a_secret_that_cannot_be_used_is_told_and_not_shown(listen, secret, said):
    with pytest.raises(EarError, match=f"channel deliveries: .*{said}") as told:
        await listen(signature=signed_by("standard-webhooks", secret))
    assert told.value.hint
    for part in ("vlJsYPpQPKzLHkP3CNBhRbEyNEVpRTn9", "not-a-number"):
        assert part not in str(told.value)


async def test_a_secret_that_set_up_is_told_is_known_from_then_on(listen):
    """As it registers the receiver first; what comes before that is refused, and counted."""
    receiver = await listen(signature=signed_by("standard-webhooks", "${secret}"))
    sender = await receiver.sender()
    assert (await sender.post(BODY, standard_headers(BODY)))[0] == 503
    assert receiver.hearing.rejections == {"not-ready": 1}
    assert receiver.hearing.counted("webhook_invalid_signature") == 0
    receiver.ear._context.scope.know((), {"secret": SECRET})
    assert await receiver.ear.join(lambda *_: None) == []
    sender = await receiver.sender()
    assert (await sender.post(BODY, standard_headers(BODY)))[0] == 200
    assert receiver.hearing.keys == ["s-1"]


@pytest.mark.parametrize(
    ("told", "said"), [({}, "has no value"), ({"secret": "whpk_x"}, "ed25519")]
)
async def test_a_secret_that_set_up_does_not_tell_is_a_problem(listen, told, said):
    receiver = await listen(signature=signed_by("standard-webhooks", "${secret}"))
    receiver.ear._context.scope.know((), told)
    (problem,) = await receiver.ear.join(lambda *_: None)
    assert said in problem


async def test_where_it_cannot_listen_nothing_stays_behind():
    ear = ear_of(channel_of(listen="0.0.0.0:0"), Heard())
    with pytest.raises(EarError, match="loopback"):
        await ear.listen()
    await ear.close()
    assert ear.report()["attempts"] == 0


async def test_once_closed_it_is_gone_and_its_port_is_free(listen):
    receiver = await listen()
    idle = await receiver.sender()
    assert (await idle.post(BODY))[0] == 200
    await receiver.ear.close()
    assert await idle.rest() == b""
    with pytest.raises(ConnectionRefusedError):
        await receiver.sender()
    await receiver.ear.close()
    again = await listen(listen=receiver.url.split("/")[2])
    assert again.url == receiver.url
    assert receiver.ear.report()["attempts"] == 1


async def test_answers_under_way_go_out_and_silence_ends(listen):
    receiver = await listen(answers=(Answer(hang=3_600 * NS_PER_S),))
    silent, begun, sender = [await receiver.sender() for _ in range(3)]
    silent.writer.write(delivery(BODY, {"webhook-id": "m"}))
    await until(lambda: receiver.hearing.arrivals != [])
    begun.writer.write(b"POST")
    for number in range(1_000):
        sender.writer.write(delivery(BODY, path=f"/{number}"))
    await until(lambda: receiver.hearing.rejections.get("wrong-path") == 1_000)
    await receiver.ear.close()
    assert [(await sender.answer())[0] for _ in range(1_000)] == [404] * 1_000
    for one in (silent, begun, sender):
        assert await one.rest() == b""
    assert receiver.hearing.rejections == {"wrong-path": 1_000}  # it was us who cut off the other


async def test_a_sender_that_does_not_hang_up_cannot_hold_up_the_end(listen, certificate, trusting):
    receiver = await listen(
        listen="localhost:0", tls=certificate, limits=Limits(linger_ns=50 * NS_PER_MS)
    )
    sender = await receiver.sender(trusting)
    assert (await sender.post(BODY))[0] == 200
    sender.reader._transport.pause_reading()
    async with asyncio.timeout(20):
        await receiver.ear.close()
    assert not receiver.ear._service.connections
    sender.writer.transport.abort()

"""The webhook receiver: an ear that senders post to. See `wedload.channels.port.Ear`."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from wedload.channels.webhook.answers import Script
from wedload.channels.webhook.attempts import Attempts
from wedload.channels.webhook.connection import Connection
from wedload.channels.webhook.deliveries import Deliveries
from wedload.channels.webhook.limits import Limits
from wedload.channels.webhook.listening import Place, bound, cannot_listen, server_context
from wedload.channels.webhook.service import Service
from wedload.channels.webhook.signatures import SecretError, verifier
from wedload.errors import EarError
from wedload.plan.expressions.expression import EVALUATION_ERRORS
from wedload.units import NS_PER_S
from wedload.workload.render_parts import Text
from wedload.workload.request import encode_target

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.channels.port import EarContext
    from wedload.channels.webhook.signatures import Verify
    from wedload.plan.expressions.template import Template

#: connections that wait to be accepted: bursts of a sender that has no pool
_BACKLOG: Final = 4096
_HANDSHAKE_S: Final = 10.0
_LIMITS: Final = Limits()


class WebhookEar:
    """Listens for the deliveries of one channel: on loopback, unless the plan exposes it."""

    def __init__(
        self,
        context: EarContext,
        *,
        limits: Limits = _LIMITS,
        unix_s: Callable[[], float] = time.time,
    ) -> None:
        channel = context.channel
        assert channel.webhook is not None
        self._context = context
        self._limits = limits
        self._unix_s = unix_s
        self._path = encode_target(channel.webhook)
        self._deliveries: Deliveries | None = None
        self._service: Service | None = None
        self._server: asyncio.Server | None = None
        self._sweeping: asyncio.Task[None] | None = None
        self._url = ""

    async def listen(self) -> str:
        """Be there for senders: the URL that they are to be told.

        Raises:
            EarError: a secret, the address or the certificate cannot be used.
        """
        context, channel = self._context, self._context.channel
        self._deliveries = Deliveries(
            verify=self._verifier() if self._knows_secret() else None,
            script=Script(channel.answers, channel.answers_ratio, context.seed),
            attempts=Attempts(channel.remember),
            keys=context.keys,
            hearing=context.hearing,
            unix_s=self._unix_s,
        )
        place = Place.parse(channel.listen, context.name)
        elsewhere = self._public_url()
        port = await self._open(place, self._deliveries)
        self._sweeping = asyncio.create_task(self._sweep())
        scheme = "http" if channel.tls is None else "https"
        base = elsewhere or f"{scheme}://{place.bracketed}:{port}"
        self._url = base.rstrip("/") + self._path.decode()
        return self._url

    async def join(self, progress: Callable[[int, int], None]) -> list[str]:  # noqa: ARG002 - the port's
        """Nobody has to; what set-up has told is known now."""
        assert self._deliveries is not None
        if self._deliveries.verify is None:
            try:
                self._deliveries.verify = self._verifier()
            except EarError as error:
                return [error.message.partition(": ")[2]]
        return []

    def report(self) -> dict[str, Any]:
        """Where it listened, what came, what was refused and why, and how the sender retried."""
        found = {} if self._deliveries is None else self._deliveries.report()
        return {"kind": "webhook", "url": self._url, **found}

    async def close(self) -> None:
        """Stop listening; answers under way go out."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        if self._server is None or self._service is None:
            return
        self._server.close()
        service = self._service
        for end in (Connection.close, Connection.abort):
            for connection in list(service.connections):
                end(connection)
            if service.connections:
                service.empty.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._limits.linger_ns / NS_PER_S):
                        await service.empty.wait()
        await self._server.wait_closed()
        self._server = None

    # --- inside -----------------------------------------------------------------------------

    def _knows_secret(self) -> bool:
        """Whether the secret has a value before set-up, which may register the receiver for it."""
        signature = self._context.channel.signature
        secret = None if signature is None else signature.secret
        variables = self._context.scope.variables
        return secret is None or secret.reads.variables <= variables.keys()

    def _verifier(self) -> Verify:
        signature = self._context.channel.signature
        if signature is None:
            return verifier("none")
        secret = signature.secret
        try:
            return verifier(
                signature.scheme,
                "" if secret is None else self._rendered(secret, "the secret of its signature"),
                signature.tolerance,
            )
        except SecretError as error:
            raise EarError(f"channel {self._context.name}: {error}", error.hint) from None

    def _public_url(self) -> str:
        """Where senders find it, if that is elsewhere; empty: it is not."""
        template = self._context.channel.public_url
        if template is None:
            return ""
        url = self._rendered(template, "public_url")
        if not url.startswith(("http://", "https://")):
            raise EarError(
                f"channel {self._context.name}: public_url {url!r} is no URL of http or https",
                "give the one by which senders reach the receiver, without the channel's path",
            )
        return url

    def _rendered(self, template: Template, what: str) -> str:
        try:
            return Text(template)(self._context.scope)
        except EVALUATION_ERRORS:  # whose text may hold a part of a secret
            raise EarError(
                f"channel {self._context.name}: {what} has no value",
                "a channel knows the environment, the plan's variables, and what set-up captured",
            ) from None

    async def _open(self, place: Place, deliveries: Deliveries) -> int:
        """Begin to serve; the port."""
        context, channel = self._context, self._context.channel
        loop = asyncio.get_running_loop()
        tls = None if channel.tls is None else server_context(channel.tls, context.name)
        service = self._service = Service(
            path=self._path,
            max_body=channel.max_body,
            limits=self._limits,
            deliveries=deliveries,
            now_ns=context.clock.now_ns,
            loop=loop,
        )
        listener = bound(place, context.name, expose=channel.expose)
        try:
            self._server = await loop.create_server(
                lambda: Connection(service),
                sock=listener,
                ssl=tls,
                backlog=_BACKLOG,
                ssl_handshake_timeout=None if tls is None else _HANDSHAKE_S,
                ssl_shutdown_timeout=None if tls is None else self._limits.linger_ns / NS_PER_S,
            )
        except OSError as error:
            listener.close()
            raise cannot_listen(place, context.name, error) from None
        return int(listener.getsockname()[1])

    async def _sweep(self) -> None:
        assert self._service is not None
        while True:
            await asyncio.sleep(self._limits.sweep_ns / NS_PER_S)
            self._service.sweep()

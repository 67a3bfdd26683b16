"""Listening: from a channel's `listen` to a socket, past the guard, and TLS for it."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, NamedTuple

from wedload.errors import EarError
from wedload.safety.addresses import is_here

if TYPE_CHECKING:
    from wedload.plan.channels import Certificate

_MOST_PORT = 65_535
_HOW = 'write listen = "127.0.0.1:0": an address of loopback, and a port, where 0 is any free one'


class Place(NamedTuple):
    """Where a receiver listens, as its plan says it."""

    host: str  # name or address, without brackets
    port: int  # 0: any free one

    @staticmethod
    def parse(text: str, channel: str) -> Place:
        """Read `host:port`.

        Raises:
            EarError: it is something else.
        """
        host, colon, port = text.rpartition(":")
        bare = host.removeprefix("[").removesuffix("]")
        if not colon or not bare or (":" in bare and bare == host):
            raise EarError(f"channel {channel}: listen {text!r} is not host:port", _HOW)
        if not (port.isascii() and port.isdigit() and int(port) <= _MOST_PORT):
            raise EarError(f"channel {channel}: listen {text!r} has no port of 0 to 65535", _HOW)
        return Place(bare, int(port))

    @property
    def bracketed(self) -> str:
        """The host as URLs have it."""
        return f"[{self.host}]" if ":" in self.host else self.host


def bound(place: Place, channel: str, *, expose: bool = False) -> socket.socket:
    """A socket bound to the first address that a host has.

    All of them must be of loopback, unless the plan exposes the receiver to other machines.

    Raises:
        EarError: the host is not known or not allowed, or its port is taken.
    """
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise EarError(f"channel {channel}: {place.host} is not known: {error}", _HOW) from None
    if not (expose or all(is_here(str(address[0])) for *_, address in found)):
        raise EarError(
            f"channel {channel}: {place.host} is not an address of loopback, and the plan does not"
            " expose it",
            _HOW + "; or, if other machines are to reach it, expose = true beside it",
        )
    family, kind, protocol, _, at = found[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setblocking(False)
        listener.bind(at)
    except OSError as error:
        listener.close()
        raise cannot_listen(place, channel, error) from None
    return listener


def cannot_listen(place: Place, channel: str, error: OSError) -> EarError:
    """What to tell when the system refuses."""
    return EarError(
        f"channel {channel}: cannot listen on {place.bracketed}:{place.port}:"
        f" {error.strerror or error}",
        "end what listens there, or give another port; port 0 takes any that is free",
    )


def server_context(certificate: Certificate, channel: str) -> ssl.SSLContext:
    """TLS with a certificate and its key, PEM files.

    Raises:
        EarError: one is missing, or is not what it should be.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(certificate.cert, certificate.key)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise EarError(
            f"channel {channel}: no TLS with cert {certificate.cert!r} and key"
            f" {certificate.key!r}: {error}",
            "tls needs two PEM files: a certificate, and its key without a passphrase",
        ) from None
    return context

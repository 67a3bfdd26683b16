"""TLS to PostgreSQL as libpq's `sslmode` has it: which ways there are, and in which order.

The ways are tried here and not by asyncpg: given the name of a mode, it reads variables and files
of libpq's, and offers whoever answers the certificate that it finds there.
Source: PostgreSQL, libpq, "SSL Support".
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from wedload.plan.database_places import PostgresPlace

_NO_SUCH_ACCESS: Final = "28000"  # invalid_authorization_specification: pg_hba.conf has no line


class _NamedTls(ssl.SSLContext):
    """Verifies the name of a host that is connected to at an address, as that is pinned."""

    name = ""

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """As the parent does, for the host that the plan names."""
        return super().wrap_bio(
            incoming, outgoing, server_side, self.name or server_hostname, session
        )


def ways_of(place: PostgresPlace) -> tuple[Any, ...]:
    """What asyncpg takes for `ssl`, one after the other.

    Raises:
        OSError, ssl.SSLError: a file cannot be read, or holds something else.
    """
    if place.is_local or place.sslmode == "disable":
        return (False,)
    context = _context(place)
    if place.tls_files:
        return (context,)
    return {"prefer": (context, False), "allow": (False, context)}.get(place.sslmode, (context,))


def asks_for_other_way(error: BaseException) -> bool:
    """Whether a server may be reached with TLS where it is not without, or the other way round."""
    if isinstance(error, ssl.SSLError):
        return True
    if isinstance(error, ConnectionError):
        return error.errno is None  # the answer to being asked for TLS, and not the network's
    return getattr(error, "sqlstate", None) == _NO_SUCH_ACCESS


def _context(place: PostgresPlace) -> ssl.SSLContext:
    context = _NamedTls(ssl.PROTOCOL_TLS_CLIENT)
    context.name = place.host
    context.check_hostname = place.sslmode == "verify-full"
    if place.sslmode not in {"verify-ca", "verify-full"}:
        context.verify_mode = ssl.CERT_NONE
    if (ca := place.tls_files.get("sslrootcert")) is not None:
        context.load_verify_locations(ca)
    else:
        context.load_default_certs()
    if (cert := place.tls_files.get("sslcert")) is not None:
        context.load_cert_chain(cert, place.tls_files.get("sslkey"))
    return context

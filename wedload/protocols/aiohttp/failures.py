"""aiohttp's exceptions as outcomes of requests: the one place that maps them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from aiohttp import (
    ClientConnectionResetError,
    ClientConnectorCertificateError,
    ClientConnectorError,
    ClientConnectorSSLError,
    ClientHttpProxyError,
    ClientOSError,
    ClientProxyConnectionError,
    ServerDisconnectedError,
)
from aiohttp.http_exceptions import LineTooLong

from wedload.protocols.aiohttp.connection import FloodError
from wedload.protocols.http.connecting import ConnectFailed, outcome_of, reason_of
from wedload.protocols.http.problems import closed, of_tls

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    from wedload.metrics.outcome import Outcome
    from wedload.plan.proxy import Proxy
    from wedload.protocols.aiohttp.connection import Watched
    from wedload.protocols.http.response import Response
    from wedload.workload.request import Origin

_TOO_MANY: Final = "Too many headers"  # aiohttp has no exception of its own for it
#: the connection had ended, or ended then
_CLOSED: Final = (ServerDisconnectedError, ClientOSError, ClientConnectionResetError)
#: Proxy Authentication Required; tinyproxy says 401 of wrong credentials
_REFUSED: Final = frozenset({407, 401})


def unconnected(
    error: Exception, origin: Origin, proxy: Proxy | None, *, in_handshake: bool
) -> ConnectFailed | None:
    """Why there is no connection; None if it is for something else that the request failed.

    `in_handshake`: TCP was connected before.
    """
    match error:
        case ConnectFailed():
            return error
        case ClientHttpProxyError(status=status, message=message):
            assert proxy is not None
            return ConnectFailed("connect", refusal(proxy, status, f"{status} {message}", origin))
        case ClientProxyConnectionError():
            outcome = outcome_of(error.os_error, [error.host])
            return ConnectFailed(outcome, f"proxy {proxy}: {_refused(error)}")
        case ClientConnectorCertificateError():
            wrong: ssl.SSLCertVerificationError = error.certificate_error  # type: ignore[assignment]
            return ConnectFailed("tls", f"{origin}: {wrong.verify_message}")
        case ClientConnectorSSLError():
            reason = reason_of(error.os_error)
            return ConnectFailed("tls", f"{origin}: TLS handshake failed: {reason}")
        case ClientConnectorError() if in_handshake:
            reason = reason_of(error.os_error)
            return ConnectFailed("tls", f"{origin}: TLS handshake failed: {reason}")
        case ClientConnectorError():
            outcome = outcome_of(error.os_error, [error.host])
            return ConnectFailed(outcome, f"{origin}: {_refused(error)}")
    return None


def _refused(error: ClientConnectorError) -> str:
    """Why no connection was made, as the system says it: aiohttp has words of its own."""
    code = error.os_error.errno
    return os.strerror(code) if code else reason_of(error.os_error)


def refusal(proxy: Proxy, status: int, answer: str, origin: Origin) -> str:
    """What a proxy's answer means that is no tunnel."""
    if status not in _REFUSED:
        return f"proxy {proxy} makes no tunnel to {origin}: {answer}"
    shown = "needs credentials" if proxy.authorization is None else "refuses the credentials"
    return f"proxy {proxy} {shown}: {answer}"


def broken(error: Exception, connection: Watched, response: Response) -> tuple[Outcome, str]:
    """Why a request failed that had a connection, in a word and in a sentence."""
    for cause in _causes(error):
        if isinstance(cause, FloodError):
            return ("too_large" if cause.too_large else "protocol"), str(cause)
        if isinstance(cause, LineTooLong):
            return "too_large", "a line of its headers is too long"
    if (wrong := connection.tls_error) is not None:
        return of_tls(wrong)
    if connection.cut or isinstance(error, _CLOSED):
        return "reset", closed(response)
    reasons = [_said(cause) for cause in _causes(error)]
    reason = next((said for said in reversed(reasons) if said), type(error).__name__)
    if reason.startswith(_TOO_MANY):
        return "too_large", "it has too many headers and trailers"
    return "protocol", f"response not understood: {reason}"


def _said(error: BaseException) -> str:
    """What the parser says, without the drawing that points to where."""
    text = str(getattr(error, "message", error)).strip()
    return text.partition("\n")[0].rstrip(":")


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__

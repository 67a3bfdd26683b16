"""Whether a target can be reached at all, found out before any load."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from wedload.errors import TargetError, UsageError
from wedload.safety.target_guard import BlockedAddressError, guard_of
from wedload.workload.request import split_url

if TYPE_CHECKING:
    from wedload.plan.model import Target
    from wedload.plan.proxy import Proxy

_REACH_S: Final = 5.0


async def require_reachable(name: str, target: Target, proxy: Proxy | None = None) -> None:
    """Connect to a target once, or to the proxy to it.

    Raises:
        TargetError: no connection; says why.
        UsageError: load must not go there.
    """
    assert target.base_url is not None
    origin, _ = split_url(target.base_url)
    where = f"target {name} ({target.base_url})"
    host, port = origin.host, origin.port
    if proxy is not None:
        where = f"proxy {proxy} of target {name}"
        host, port = proxy.host, proxy.port
    named = host
    address, other_port = target.led_to(named)
    host, port = address or host, other_port or port
    try:
        async with asyncio.timeout(_REACH_S):
            found = await asyncio.get_running_loop().getaddrinfo(host, port)
            for info in found:
                guard_of(target).require_allowed(str(info[4][0]), named)
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
    except BlockedAddressError as error:
        hint = "start it here, or forward a port of it: ssh -L 8080:localhost:80 HOST"
        raise UsageError(f"{where}: {error}", hint) from None
    except ConnectionResetError:
        return  # somebody is there, and hangs up: the run will say so
    except TimeoutError:
        raise TargetError(
            f"{where} cannot be reached: no answer within {_REACH_S:g} s", "is the address right?"
        ) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise TargetError(
            f"{where} cannot be reached: {reason}", "is it running, and is the address right?"
        ) from None

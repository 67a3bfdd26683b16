"""Who may ask the dashboard for something. Pure; knows no server.

The page is on loopback, where every web site that is open in a browser can reach it: a name that
its owner points at 127.0.0.1 (DNS rebinding) is told by the Host header, a form of another site by
its Origin, and who has not been given the address by the token. Source: RFC 9110, 7.2; RFC 6454.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guard:
    """What a request must bring; `host` is the address that is served, with its port."""

    host: str
    token: str

    def refusal(
        self, *, host: str | None, token: str | None, origin: str | None, changes: bool
    ) -> str | None:
        """Why a request is refused, in words; None: it is not. `changes`: it would stop the run."""
        if host != self.host:
            return f"this is http://{self.host}/, not {host or 'a host without a name'}"
        if token is None or not hmac.compare_digest(token.encode(), self.token.encode()):
            return "the token is not that of this run: open the address that wedload printed"
        if changes and origin != f"http://{self.host}":
            return f"only the page itself may stop the run, not one of {origin or 'no origin'}"
        return None

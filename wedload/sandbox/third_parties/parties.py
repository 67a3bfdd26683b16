"""The third parties that there are, put together: connections, guards, and the deadline."""

from __future__ import annotations

import time
from random import Random
from typing import TYPE_CHECKING, Final

from ..errors import ApiError
from ..resilience.call import Guard, ThirdPartyError
from ..resilience.deadline import Deadline
from .calendar import Calendar
from .email import SHAPES, Mailer
from .http import Http
from .options import CALENDAR_URL, EMAIL_URL

if TYPE_CHECKING:
    from .options import ThirdPartyOptions

CLOCK: Final = time.monotonic


class ThirdParties:
    """What handlers ask; made on the event loop that serves them. `protections` says what is on."""

    def __init__(self, options: ThirdPartyOptions, seed: int) -> None:
        self.protections = options.protections
        self._deadline_s = options.deadline_s
        random = Random(seed)  # noqa: S311 - waits, which are to repeat
        self.guards = {
            name: Guard(name, options.protections, CLOCK, random) for name in ("calendar", "email")
        }
        self._https: list[Http] = []
        self._calendar: Calendar | None = None
        self._mailer: Mailer | None = None
        if options.calendar_url is not None:
            bearer = {"Authorization": f"Bearer {options.calendar_key}"}
            http = self._open("google-calendar", options.calendar_url, bearer)
            self._calendar = Calendar(http, self.guards["calendar"])
        if options.email_url is not None:
            shape = SHAPES[options.email_provider]
            http = self._open(
                "email", options.email_url, dict(shape.key_headers(options.email_key))
            )
            self._mailer = Mailer(http, self.guards["email"], shape)

    def _open(self, name: str, url: str, headers: dict[str, str]) -> Http:
        self._https.append(Http(name, url, headers))
        return self._https[-1]

    async def close(self) -> None:
        """Let go of every connection."""
        for http in self._https:
            await http.close()

    @property
    def calendar(self) -> Calendar:
        """The calendar.

        Raises:
            ApiError: 503, the sandbox was started without one.
        """
        if self._calendar is None:
            raise _not_configured("calendar", CALENDAR_URL)
        return self._calendar

    @property
    def mailer(self) -> Mailer:
        """The provider of e-mail.

        Raises:
            ApiError: 503, the sandbox was started without one.
        """
        if self._mailer is None:
            raise _not_configured("email", EMAIL_URL)
        return self._mailer

    def deadline(self, asked_s: float | None = None) -> Deadline:
        """One that begins now: the caller's own, but never later than the platform's."""
        if not self.protections.time_out:
            return Deadline()
        allowed_s = self._deadline_s if asked_s is None else min(asked_s, self._deadline_s)
        return Deadline.after(CLOCK(), allowed_s)

    def share_of(self, deadline: Deadline, share: float) -> Deadline:
        """What one may spend of it on what one can do without."""
        if not self.protections.time_out:
            return deadline
        return deadline.at_most(CLOCK(), deadline.left_s(CLOCK()) * share)

    def fell_back(self, name: str) -> bool:
        """Count a fallback; whether to say so, which an honest platform does."""
        self.guards[name].counts.fallbacks += 1
        return self.protections.honest_fallback

    def counts(self) -> dict[str, dict[str, int]]:
        """What was done with each since the start."""
        return {name: guard.counts.as_dict() for name, guard in self.guards.items()}


def unreachable(name: str) -> ThirdPartyError:
    """What a third party's client raises where a request wants it to fail."""
    return ThirdPartyError(name, "asked", f"the {name} service cannot be reached, as was asked for")


def failed(error: ThirdPartyError) -> ApiError:
    """The answer where there is no fallback: 504 for one that was too slow, else 502."""
    if error.why == "deadline":
        return ApiError(504, "third_party_late", f"{_sentence(error)}.")
    return ApiError(502, "third_party_failed", f"{_sentence(error)}.")


def _sentence(error: ThirdPartyError) -> str:
    said = str(error)
    return said[:1].upper() + said[1:]


def _not_configured(name: str, variable: str) -> ApiError:
    return ApiError(
        503,
        "not_configured",
        f"The sandbox knows no {name} provider; start it with --{name}-url"
        f" http://127.0.0.1:PORT, or set {variable}.",
    )

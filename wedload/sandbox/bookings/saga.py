"""Carries a booking out part by part, and undoes what was done when a part fails.

The parts: the submission (stored before this begins), the calendar, e-mail, webhook. What may have
been done, as nobody knows, is undone too; what cannot be undone at once waits in the outbox.

Source: Garcia-Molina and Salem, "Sagas", SIGMOD 1987.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..database import DatabaseError, UnavailableError
from ..errors import ApiError
from ..resilience.call import ThirdPartyError
from ..third_parties.appointments import insert_appointment
from ..third_parties.email import Email
from ..third_parties.outbox import insert_communication
from ..third_parties.parties import unreachable
from ..third_parties.scheduling import in_calendar
from .rows import Booking, save, undo

if TYPE_CHECKING:
    from ..call import Call, Platform
    from ..database import Database
    from ..third_parties.appointments import Wish
    from ..third_parties.outbox import Outbox
    from ..third_parties.trace import Trace

PARTS: Final = ("calendar", "email", "webhook")
CONFIRMED: Final = "booking.confirmed"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be carried out for whom; `fails` are the parts that are to fail."""

    wish: Wish
    recipients: tuple[str, ...]
    fails: frozenset[str]


class PartError(Exception):
    """A part failed; `unknown` if it may have been done all the same."""

    def __init__(self, part: str, message: str, *, unknown: bool = False) -> None:
        super().__init__(message)
        self.part = part
        self.unknown = unknown


class Saga:
    """One booking on its way."""

    def __init__(self, call: Call, booking: Booking, order: Order, trace: Trace) -> None:
        self._call = call
        self._platform: Platform = call.platform
        self._booking = booking
        self._order = order
        self._trace = trace
        self._done: list[str] = ["submission"]

    async def carry_out(self) -> None:
        """Do every part; afterwards the booking is confirmed, or compensated, and stored.

        Raises:
            UnavailableError: the database does not answer any more.
        """
        parts = (("calendar", self._calendar), ("email", self._email), ("webhook", self._webhook))
        try:
            for name, do in parts:
                await self._part(name, do)
        except PartError as error:
            if error.unknown:
                self._done.append(error.part)
            self._booking.parts |= {"failed": error.part, "reason": str(error)}
            await self._undo()
            return
        await self._confirm()

    async def _part(self, name: str, do: Any) -> None:
        try:
            if name in self._order.fails:
                raise unreachable(name)
            await do()
        except ThirdPartyError as error:
            raise PartError(name, str(error), unknown=error.unknown) from None
        except (ApiError, DatabaseError) as error:
            raise PartError(name, str(error)) from None
        self._done.append(name)

    async def _calendar(self) -> None:
        parties, booking = self._platform.third_parties, self._booking
        wish = self._order.wish
        made = await in_calendar(parties, wish, booking.event_id, self._trace, parties.deadline())
        booking.event_id = made.event_id or booking.event_id
        booking.parts |= {"calendar_link": made.link, "starts_at": made.starts.isoformat()}
        self._done.append("calendar")  # also if it cannot be written down
        await self._call.write(
            lambda: insert_appointment(
                made, wish, booking.account_id, booking.submission_id, self._call.run_id
            )
        )
        self._done.pop()

    async def _email(self) -> None:
        parties, booking = self._platform.third_parties, self._booking
        email = self._message("Your booking is confirmed")
        deadline = parties.deadline()
        await parties.mailer.send(email, booking.id, self._trace, deadline)
        booking.parts["email"] = "sent"
        body = {"to": email.recipients, "subject": email.subject, "text": email.text}
        self._done.append("email")
        await self._call.write(
            lambda: insert_communication(
                booking.id, booking.account_id, "email", "sent", body, self._call.run_id
            )
        )
        self._done.pop()

    async def _webhook(self) -> None:
        """Last, as nobody can take it back."""
        booking = self._booking
        data = {"id": booking.id, "submission_id": booking.submission_id, **booking.parts}
        message_id, deliveries = await self._call.stored(
            self._platform.webhooks.trigger(booking.calendar_id, CONFIRMED, data, self._call.run)
        )
        booking.parts |= {"webhook_id": message_id, "deliveries": deliveries}

    def _message(self, subject: str) -> Email:
        booking = self._booking
        text = f"booking: {booking.id}\nstarts at: {booking.parts.get('starts_at', '')}"
        return Email(self._order.recipients, subject, text)

    async def _confirm(self) -> None:
        self._booking.state = "confirmed"
        try:
            await self._call.write(lambda: save(self._booking))
        except UnavailableError:
            # All is done; it is written as soon as the database answers again.
            self._platform.webhooks.write_later(lambda: save(self._booking))
            raise

    async def _undo(self) -> None:
        """What was done last is undone first."""
        booking = self._booking
        if not self._platform.third_parties.protections.compensation:
            booking.state = "failed"
            await self._call.write(lambda: save(booking))
            return
        compensated: list[str] = []
        pending: list[str] = []
        for name in dict.fromkeys(reversed(self._done)):
            if name == "email":
                await self._call_off()
                pending.append(name)
            elif name == "calendar":
                await self._take_out(pending)
            compensated.append(name)
        booking.state = "compensated"
        booking.parts |= {"compensated": compensated, "pending": pending}
        await self._call.write(undo(booking))

    async def _call_off(self) -> None:
        """What was sent cannot be taken back: another message says that it is not so."""
        booking = self._booking
        email = self._message("Your booking was called off")
        queue = self._platform.outbox.queue_email(
            booking.account_id, booking.submission_id, email, self._call.run_id
        )
        await self._call.stored(queue)

    async def _take_out(self, pending: list[str]) -> None:
        booking, parties = self._booking, self._platform.third_parties
        try:
            await parties.calendar.delete(
                booking.calendar_id, booking.event_id, self._trace, parties.deadline()
            )
        except ThirdPartyError as error:
            if error.why == "rejected":
                return
            queue = self._platform.outbox.queue_deletion(
                *(booking.account_id, booking.calendar_id, booking.event_id),
                self._call.run_id,
            )
            await self._call.stored(queue)
            pending.append("calendar")


async def recover(
    database: Database,
    outbox: Outbox,
    unfinished: list[tuple[Booking, str | None]],
    *,
    compensates: bool,
) -> None:
    """Undo what an earlier run of the server began: how far it came, nobody knows."""
    for booking, run_id in unfinished:
        booking.parts |= {"failed": "server", "reason": "the server stopped meanwhile"}
        if not compensates:
            booking.state = "failed"
            await database.write(lambda one=booking: save(one))  # type: ignore[misc]
            continue
        await outbox.queue_deletion(
            booking.account_id, booking.calendar_id, booking.event_id, run_id
        )
        booking.state = "compensated"
        booking.parts |= {"compensated": ["calendar", "submission"], "pending": ["calendar"]}
        await database.write(undo(booking))

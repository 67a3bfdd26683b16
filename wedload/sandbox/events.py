"""A bus within the process: what happened on the platform, told to whoever listens.

Knows no listener, no HTTP and no database. Events are told after what they tell of is committed;
they are kept nowhere, so a listener that must not miss one looks into the tables when it starts.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .call import instant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .runs import Run

log = logging.getLogger(__name__)

SUBMISSION_CREATED: Final = "submission.created"
JOURNEY_STARTED: Final = "journey.started"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, with the row it happened to, as JSON has it.

    The row of `submission.created` is `id, form_id, supplier_id, couple_id, created_at`; that of
    `journey.started` is `submission_id, form_id, supplier_id, couple_id, state, started_at`.
    `subject` is the submission's id in both, `happened_ms` Unix time. `run` is the test run whose
    submission it is.
    """

    type: str
    subject: str
    supplier_id: str
    happened_ms: int
    row: Mapping[str, str | None]
    run: Run | None = None


class Events:
    """Who listens; telling costs one call for each."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[Event], None]] = []

    def subscribe(self, listener: Callable[[Event], None]) -> None:
        """Call `listener` with every event from now on; it must return at once."""
        self._listeners.append(listener)

    def publish(self, event: Event) -> None:
        """Tell every listener; one that fails fails alone.

        Nobody is told of what was swept meanwhile: they would store it.
        """
        if event.run is not None and event.run.swept:
            return
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:
                log.exception("a listener failed on %s", event.type)


def submission_created(
    submission_id: str,
    form_id: str,
    supplier_id: str,
    couple_id: str,
    created_ms: int,
    run: Run | None = None,
) -> Event:
    """A couple has submitted a form."""
    row = {
        "id": submission_id,
        "form_id": form_id,
        "supplier_id": supplier_id,
        "couple_id": couple_id,
        "created_at": instant(created_ms),
    }
    return Event(SUBMISSION_CREATED, submission_id, supplier_id, created_ms, row, run)


def journey_started(
    submission_id: str,
    form_id: str,
    supplier_id: str,
    couple_id: str,
    started_ms: int,
    run: Run | None = None,
) -> Event:
    """A submission's journey runs."""
    row = {
        "submission_id": submission_id,
        "form_id": form_id,
        "supplier_id": supplier_id,
        "couple_id": couple_id,
        "state": "running",
        "started_at": instant(started_ms),
    }
    return Event(JOURNEY_STARTED, submission_id, supplier_id, started_ms, row, run)

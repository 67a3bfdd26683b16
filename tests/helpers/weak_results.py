"""Runs on a platform with one weakness each, and on a sound one; figures as real ones have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tests.helpers.analysed_results import (
    FORM,
    HEALTHY,
    OUTSIDE,
    RAMP,
    SEARCH,
    Platform,
    analysed_result,
    dependency,
    figures,
    healthy,
    resource,
    vus_by_second,
    with_parts,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.results.model import Result

VUS = vus_by_second(RAMP)


def _levels(of: Callable[[float], float], seed: int = 5) -> list[float]:
    """A quantity by second, with noise."""
    random = np.random.default_rng(seed)
    return [max(of(users) + float(random.normal(0, 0.01)), 0.0) for users in VUS]


def watched(
    api: Callable[[float], float], database: Callable[[float], float], **more: Any
) -> list[dict[str, Any]]:
    """The machine, the platform's process and its database, by the cores that they use."""
    machine = _levels(lambda users: min(api(users) + database(users) + 0.3, 4.0))
    return [
        resource("machine", "machine", "", figures("cpu", machine, "ratio", 4.0)),
        resource(
            "api", "process", "sandbox",
            figures("cpu", _levels(api), "ratio", 4.0), figures("processes", [1.0] * len(VUS)),
        ),
        resource(
            "db", "process", "postgres",
            figures("cpu", _levels(database, 6), "ratio", 4.0),
            figures("processes", [9.0] * len(VUS)),
        ),
        resource("weddings", "postgres", "weddings", figures("sessions", [9.0] * len(VUS)), **more),
    ]  # fmt: skip


QUIET = watched(lambda users: 0.01 * users, lambda users: 0.01 * users)


def sound(**changes: Any) -> Result:
    return analysed_result(Platform(healthy, resources=QUIET), **changes)


def index_dropped(**changes: Any) -> Result:
    """Searches read the whole table: long from the start, and the cores are soon used up."""
    search = with_parts(
        lambda step, users: (
            {("postgresql", "SELECT suppliers"): 260.0 + 14.0 * max(users - 12, 0),
             ("sandbox", "wait for a connection"): 9.0 * max(users - 12, 0)}
            if step == SEARCH else {("sandbox", "wait for a connection"): 9.0 * max(users - 12, 0)}
        )
    )  # fmt: skip
    resources = watched(lambda users: 0.008 * users, lambda users: min(0.3 * users, 3.9))
    return analysed_result(Platform(search, resources=resources), **changes)


def lock_held(**changes: Any) -> Result:
    """Whoever writes waits for one that holds the table for long."""
    wait = with_parts(
        lambda step, users: (
            {("postgresql", "INSERT submissions"): 90.0 + 16.0 * users,
             ("sandbox", "wait for a connection"): 6.0 * users}
            if step == FORM else {("sandbox", "wait for a connection"): 6.0 * users}
        )
    )  # fmt: skip
    locks = [
        {"what": "relation submissions", "sessions": 61 * 5, "most": 9,
         "holder": "LOCK TABLE submissions IN ACCESS EXCLUSIVE MODE"}
    ]  # fmt: skip
    resources = watched(lambda users: 0.004 * users, lambda users: 0.01 * users, locks=locks)
    return analysed_result(Platform(wait, resources=resources), **changes)


def third_party_slow(**changes: Any) -> Result:
    """The calendar takes 1.5 s, whatever the load."""
    slow = with_parts(
        lambda step, _: {("google-calendar", "POST /events"): 1500.0} if step == FORM else {}
    )
    parties = [dependency("calendar", "google-calendar", [1400.0, 1500.0, 1600.0] * 50)]
    return analysed_result(Platform(slow, resources=QUIET), dependencies=parties, **changes)


def cpu_bound(**changes: Any) -> Result:
    """Each search computes for 20 ms on an event loop: all else waits, also for its database."""

    def parts(step: str, users: float) -> dict[tuple[str, str], float]:
        waiting = 20.0 * max(users - 24, 0) * 1.1
        found = {key: ms + waiting / 6 for key, ms in HEALTHY[step].items()}
        found[OUTSIDE] = 0.6 + waiting / 3
        if step == SEARCH:
            found["sandbox", "GET /api/suppliers/search"] = 41.0 + waiting / 6
        return found

    resources = watched(lambda users: min(0.04 * users, 0.99), lambda users: 0.01 * users)
    return analysed_result(Platform(parts, resources=resources), **changes)


def small_pool(**changes: Any) -> Result:
    """Two connections for everybody."""
    wait = with_parts(
        lambda _, users: {("sandbox", "wait for a connection"): 0.1 + 11.0 * max(users - 8, 0)}
    )
    return analysed_result(Platform(wait, resources=QUIET), **changes)

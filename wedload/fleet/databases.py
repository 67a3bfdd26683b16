"""The databases of a plan before any load: where they are, whether they may be, and do answer.

What is looked up is pinned: load processes connect to that address, and ask the guard again.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from wedload.errors import PlanError, TargetError, UsageError
from wedload.fleet.packages import require_database_packages
from wedload.fleet.reach import ELSEWHERE, known_addresses
from wedload.plan.confinement import FileRefusedError
from wedload.plan.database_places import PlaceError, PostgresPlace, SqlitePlace
from wedload.protocols.sql.connecting import connector_of
from wedload.protocols.sql.port import QueryError
from wedload.safety.redactor import KNOWN
from wedload.safety.target_guard import BlockedAddressError
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wedload.plan.database_places import Place
    from wedload.plan.loader import LoadedPlan
    from wedload.plan.model import Target
    from wedload.safety.target_guard import TargetGuard
    from wedload.workload.compile_plan import Settings

_REACH_NS: Final = 5 * NS_PER_S


@dataclass(frozen=True, slots=True)
class _Readable:
    """All that a dsn may read."""

    env: Mapping[str, str]
    secrets: Mapping[str, str]
    addresses: Mapping[str, Mapping[str, Any]]


async def reach_databases(
    loaded: LoadedPlan,
    target: Target,
    settings: Settings,
    guard: TargetGuard,
    notify: Callable[[str], None],
) -> dict[str, Place]:
    """Where each database is, once a connection to it was made and ended again.

    Raises:
        PlanError: a dsn makes no sense, or names a file that it may not, or that is not there.
        TargetError: it cannot be reached, or does not let us in.
        UsageError: load must not go there, or a package is missing.
    """
    places = database_places(loaded, settings)
    found: dict[str, Place] = {}
    for name, place in places.items():
        what = f"database {name} ({place.shown})"
        notify(f"connecting to {what}")
        choice: Sequence[Place] = [place]
        if isinstance(place, PostgresPlace):
            require_database_packages(name)
            choice = await allowed_places(what, place, target, guard)
        found[name] = await _answering(what, choice, guard)
    return found


def database_places(loaded: LoadedPlan, settings: Settings) -> dict[str, Place]:
    """Where each database is, as its dsn says; its files where they really are.

    From here on no text shows their passwords.

    Raises:
        PlanError: a dsn makes no sense, or names a file that it may not, or that is not there.
    """
    scope = _Readable(settings.env.plain, settings.secrets.plain, settings.addresses)
    places: dict[str, Place] = {}
    problems = []
    for name, database in loaded.plan.databases.items():
        try:
            place = with_files(loaded, database.dsn.place(scope))
            KNOWN.learn(filter(None, [place.password]))
            places[name] = place
        except (PlaceError, FileRefusedError, OSError) as error:
            why, hint = _why(error)
            message = f"{database.dsn.shown} {why}"
            path = ("databases", name, "dsn")
            problems.append(loaded.positions.problem(path, message, hint))
    if problems:
        raise PlanError(problems)
    return places


def with_files(loaded: LoadedPlan, place: Place) -> Place:
    """The place with its files as `Folders` finds them; they are opened by others."""
    if isinstance(place, SqlitePlace):
        file = loaded.folders.place(place.file)
        file.stat()
        return SqlitePlace(str(file))
    files = {name: str(loaded.folders.place(one)) for name, one in place.tls_files.items()}
    return replace(place, tls_files=files)


def _why(error: Exception) -> tuple[str, str | None]:
    if isinstance(error, FileRefusedError):
        return f"leads to a file that it may not: {error}", error.hint
    if isinstance(error, OSError):
        return (
            f"names a file that cannot be opened: {error.filename}: {error.strerror}",
            "sqlite:///file.db is a file beside the plan, sqlite:////var/file.db one at the root",
        )
    return str(error), None


async def allowed_places(
    what: str, place: PostgresPlace, target: Target, guard: TargetGuard
) -> list[PostgresPlace]:
    """The same at each address of its host, all of which load may go to.

    Raises:
        TargetError: nobody knows the host.
        UsageError: load must not go there.
    """
    if place.is_local:
        return [place]
    found = await known_addresses(
        place.host, target, guard, where=f"{what}: ", doubt="is its dsn right?"
    )
    try:
        for address in found:
            guard.require_allowed(address, place.host)
    except BlockedAddressError as error:
        raise UsageError(f"{what}: {error}", ELSEWHERE) from None
    port = target.led_to(place.host)[1] or place.port
    return [replace(place, address=address, port=port) for address in found]


async def _answering(what: str, places: Sequence[Place], guard: TargetGuard) -> Place:
    """The first of several at which it lets us in.

    Raises:
        TargetError: there is none; says what the last one said.
    """
    *others, last = places
    for place in others:
        with suppress(TargetError):
            await _require_answer(what, place, guard)
            return place
    await _require_answer(what, last, guard)
    return last


async def _require_answer(what: str, place: Place, guard: TargetGuard) -> None:
    """Connect, and part again.

    Raises:
        TargetError: that cannot be done; says why.
    """
    try:
        connection = await connector_of(place, guard).open(_REACH_NS)
    except QueryError as error:
        hint = "is it running, and is its dsn right?"
        raise TargetError(f"{what} cannot be reached: {error.message}", hint) from None
    except OSError as error:
        raise TargetError(f"{what}: tls: {error.filename}: {error.strerror or error}") from None
    await connection.close()

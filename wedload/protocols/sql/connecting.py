"""Which adapter is for which database; asyncpg is imported for PostgreSQL's alone."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from wedload.plan.database_places import PostgresPlace
from wedload.protocols.sql.sqlite import SqliteConnector

if TYPE_CHECKING:
    from wedload.plan.database_places import Place
    from wedload.protocols.sql.port import Connector
    from wedload.safety.target_guard import TargetGuard

_POSTGRES: Final = "wedload.protocols.sql.postgres"


def connector_of(place: Place, guard: TargetGuard) -> Connector:
    """What connects to a database, where the guard allows it.

    Raises:
        OSError: a file of its TLS cannot be read.
    """
    if isinstance(place, PostgresPlace):
        connector: Connector = import_module(_POSTGRES).PostgresConnector(place, guard)
        return connector
    return SqliteConnector(place)

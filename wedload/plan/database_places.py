"""Where a database is, read off its URL. Pure.

Of PostgreSQL's URLs: user, password, one host and port or the folder of a socket, database, and
parameters; those of TLS are libpq's, others are settings of the session. Of SQLite's: a file.

Source: PostgreSQL, "Connection URIs"; SQLAlchemy, "Database URLs", for SQLite's slashes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, get_args
from urllib.parse import parse_qsl, unquote, urlsplit

from wedload.plan.expressions.language import suggest

#: scheme -> kind of database
SCHEMES: Final = {"postgresql": "postgresql", "postgres": "postgresql", "sqlite": "sqlite"}
_PORT: Final = 5432
SslMode = Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]
_MODES: Final[tuple[SslMode, ...]] = get_args(SslMode)
_EXAMPLES: Final = "postgresql://user@host/database or sqlite:///file.db"
#: parameters of an URL that name files
TLS_FILES: Final = ("sslrootcert", "sslcert", "sslkey")
#: what says of a connection how it is made, in a way that nobody here follows
_NOT_HERE: Final = (
    "hostaddr", "passfile", "service", "servicefile", "target_session_attrs", "channel_binding",
    "gssencmode", "krbsrvname", "requirepeer", "sslcrl", "sslpassword", "load_balance_hosts",
)  # fmt: skip


class PlaceError(ValueError):
    """A text that is no URL of a database; says why, as the end of a sentence, without values."""


@dataclass(frozen=True, slots=True)
class PostgresPlace:
    """Where a PostgreSQL database is, and who asks."""

    host: str  # a name, an address, or the folder of a socket, which begins with a slash
    port: int
    database: str
    user: str
    password: str = field(default="", repr=False)
    sslmode: SslMode = "prefer"
    #: of `TLS_FILES`, as written
    tls_files: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)  # of the session
    #: to which the host was led or looked up, once that is done; empty: not yet
    address: str = ""

    @property
    def is_local(self) -> bool:
        """Whether it is reached through a socket in a folder of this machine."""
        return self.host.startswith("/")

    @property
    def shown(self) -> str:
        """As messages name it: without user, password and settings."""
        where = self.host if ":" not in self.host else f"[{self.host}]"
        if self.is_local:
            return f"{self.database} at {self.host}"
        return f"{self.database} at {where}:{self.port}"


@dataclass(frozen=True, slots=True)
class SqlitePlace:
    """The file of a SQLite database."""

    file: str

    @property
    def password(self) -> str:
        """None."""
        return ""

    @property
    def shown(self) -> str:
        """As messages name it."""
        return self.file


Place = PostgresPlace | SqlitePlace


def place_of(url: str) -> Place:
    """What a URL says.

    Raises:
        PlaceError: it is none of a database.
    """
    scheme, separator, rest = url.partition("://")
    kind = SCHEMES.get(scheme) if separator else None
    if kind is None:
        near = suggest(scheme, SCHEMES) if separator and scheme.isalnum() else ""
        raise PlaceError(f"is not the URL of a database{near}; write {_EXAMPLES}")
    if kind == "sqlite":
        return _sqlite(rest)
    try:
        return _postgres(url)
    except PlaceError:
        raise
    except ValueError:  # of urlsplit, which may quote what is secret
        raise PlaceError(f"is not a URL; write {_EXAMPLES}") from None


def _sqlite(rest: str) -> SqlitePlace:
    """`/file.db` is beside the plan, `//file.db` is at the root, as SQLAlchemy has it."""
    if not rest.startswith("/"):
        raise PlaceError("names a host; write sqlite:///file.db, with three slashes")
    if "?" in rest:
        raise PlaceError("has parameters behind a `?`, and SQLite's has none here")
    file = unquote(rest[1:])
    if file in {"", ":memory:"}:
        raise PlaceError("names no file: what is in memory, no other process has")
    return SqlitePlace(file)


def _postgres(url: str) -> PostgresPlace:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    if parts.fragment or "#" in url:
        raise PlaceError("has a `#`; write %23 for one")
    if "," in parts.netloc or "," in query.get("host", ""):
        raise PlaceError("names several hosts, and load goes to one")
    if (other := next((name for name in _NOT_HERE if name in query), None)) is not None:
        raise PlaceError(f"has `{other}`, which is not known here")
    password = query.pop("password", None) or unquote(parts.password or "")
    user = query.pop("user", None) or unquote(parts.username or "")
    host = query.pop("host", None) or unquote(parts.hostname or "") or "localhost"
    port = int(query.pop("port", "") or parts.port or _PORT)
    database = query.pop("dbname", None) or unquote(parts.path.lstrip("/")) or user
    if not user:
        raise PlaceError("names no user; write postgresql://user@host/database")
    return PostgresPlace(
        host=host,
        port=port,
        database=database,
        user=user,
        password=password,
        sslmode=_sslmode(query.pop("sslmode", "prefer")),
        tls_files={name: query.pop(name) for name in TLS_FILES if name in query},
        settings={"application_name": "wedload", **query},
    )


def _sslmode(text: str) -> SslMode:
    for mode in _MODES:
        if text == mode:
            return mode
    raise PlaceError(f"has an unknown sslmode; known: {', '.join(_MODES)}")

"""What a database says of a query that failed, as the outcomes that are counted. Pure.

Sources: PostgreSQL, Appendix A, "Error Codes"; SQLite, "Result and Error Codes".
"""

from __future__ import annotations

import sqlite3
from typing import Final

#: codes of PostgreSQL, the longest that fits first -> outcome
_POSTGRES: Final = {
    "57014": "cancelled",  # by somebody else, or by the server's own statement_timeout
    "57P05": "lost",  # idle for too long
    "55P03": "lock",
    "42501": "permission",
    "25006": "read_only",
    "08": "lost",
    "22": "data",
    "23": "constraint",
    "28": "connect",
    "3D": "connect",
    "40": "conflict",  # a deadlock, or transactions that cannot be one after the other
    "42": "syntax",
    "53": "resources",
    "57": "lost",
}
#: primary codes of SQLite -> outcome
_SQLITE: Final = {
    sqlite3.SQLITE_ERROR: "syntax",
    sqlite3.SQLITE_PERM: "permission",
    sqlite3.SQLITE_AUTH: "permission",
    sqlite3.SQLITE_BUSY: "lock",
    sqlite3.SQLITE_LOCKED: "lock",
    sqlite3.SQLITE_NOMEM: "resources",
    sqlite3.SQLITE_FULL: "resources",
    sqlite3.SQLITE_IOERR: "resources",
    sqlite3.SQLITE_TOOBIG: "resources",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_CANTOPEN: "connect",
    sqlite3.SQLITE_NOTADB: "connect",
    sqlite3.SQLITE_CONSTRAINT: "constraint",
    sqlite3.SQLITE_MISMATCH: "data",
    sqlite3.SQLITE_RANGE: "data",
    sqlite3.SQLITE_INTERRUPT: "cancelled",
}
OTHER: Final = "error"


def of_sqlstate(code: str | None) -> str:
    """The outcome of an error with a SQLSTATE of PostgreSQL."""
    if code is None:
        return OTHER
    return _POSTGRES.get(code) or _POSTGRES.get(code[:2], OTHER)


def of_sqlite(error: Exception) -> str:
    """The outcome of an error of SQLite, or of what Python gives it."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return _SQLITE.get(code & 0xFF, OTHER)  # the lowest byte is the primary code
    if isinstance(error, sqlite3.ProgrammingError | sqlite3.InterfaceError | OverflowError):
        return "data"  # a value that cannot be a parameter
    return OTHER

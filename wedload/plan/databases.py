"""`[databases.NAME]`: where `sql` steps send their statements, and by how many connections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final
from urllib.parse import quote

from wedload.plan.database_places import SCHEMES, PlaceError, place_of
from wedload.plan.expressions.expression import EVALUATION_ERRORS, text_of
from wedload.plan.expressions.template import Template
from wedload.plan.fields import STRICT, PositiveDurationNs
from wedload.plan.parsing import Parsed, text_in
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from wedload.plan.database_places import Place

#: as asyncpg, HikariCP and others have it
POOL: Final = 10
MOST_CONNECTIONS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Dsn:
    """A database's URL as a plan has it; what it reads of the environment is read by each run."""

    template: Template

    @staticmethod
    def parse(value: Any) -> Dsn:
        """Read `postgresql://…`, `sqlite:///…`, or one `${env.WEDLOAD_DSN}` for all.

        Raises:
            ValueError: it can be none of these, or has a password in clear.
        """
        dsn = Dsn(Template.parse(text_in(value).strip()))
        if dsn.template.whole is None:
            place = place_of(dsn._filled("1"))
            if place.password and dsn._filled("1") == dsn._filled("2"):
                raise ValueError("a password does not belong into a plan; write ${env.WEDLOAD_…}")
        return dsn

    def place(self, scope: Any) -> Place:
        """Where the database is. What is read before the `@`, or behind the host, is escaped.

        Raises:
            PlaceError: what is read makes no such URL; says so without any value.
        """
        try:
            if (whole := self.template.whole) is not None:
                return place_of(text_of(whole.evaluate(scope)))
            return place_of(self._rendered(scope))
        except PlaceError:
            raise
        except EVALUATION_ERRORS:
            raise PlaceError("reads what is not there") from None

    def _rendered(self, scope: Any) -> str:
        parts = self.template.parts
        signs = [index for index, part in enumerate(parts) if isinstance(part, str) and "@" in part]
        text = ""
        for index, part in enumerate(parts):
            if isinstance(part, str):
                text += part
                continue
            value = text_of(part.evaluate(scope))
            of_host = index > max(signs, default=0) and "/" not in text.partition("://")[2]
            text += value if of_host else quote(value, safe="")
        return text

    def _filled(self, digit: str) -> str:
        """With a digit for whatever is read: its shape."""
        return "".join(part if isinstance(part, str) else digit for part in self.template.parts)

    @property
    def shown(self) -> str:
        """As messages show it: as the plan has it, without a query, where secrets may be."""
        return self.template.source.partition("?")[0]


DsnField = Annotated[Dsn, Parsed(Dsn.parse)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A database that `sql` steps are for."""

    __pydantic_config__: ClassVar = STRICT
    dsn: DsnField
    pool: int = POOL  # connections of each load process
    timeout: PositiveDurationNs = 10 * NS_PER_S  # of steps that say none

    @property
    def kind(self) -> str | None:
        """Of which kind it is, as far as the plan says: `postgresql`, `sqlite`."""
        scheme = self.dsn.template.source.partition("://")[0]
        return SCHEMES.get(scheme)

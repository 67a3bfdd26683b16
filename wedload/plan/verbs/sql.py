"""`sql`: one statement for a database, and the rows that it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

from wedload.plan.checks.databases import check_database, check_explained, check_parameters
from wedload.plan.expressions.language import RESULT_NAMES
from wedload.plan.expressions.template import Template
from wedload.plan.fields import JsonField, PositiveDurationNs  # noqa: TC001 - pydantic reads them
from wedload.plan.metric import Metric, StepMetrics
from wedload.plan.parsing import Parsed, text_in
from wedload.plan.statements import Statement
from wedload.plan.uses import Use, of_json
from wedload.plan.verbs.base import Meanings, SampledStep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan
    from wedload.plan.positions import Path

_LONGEST_LABEL: Final = 60  # characters of a statement


def _statement(value: Any) -> Statement:
    text = text_in(value).strip()
    if Template.parse(text.replace("$${", "$ {")).expressions:
        raise ValueError(
            "a statement has no ${…}: what is put into its text may be read as SQL;"
            ' write $1, and params = ["${…}"]'
        )
    statement = Statement(text.rstrip("; \t\r\n"))
    if not statement.verb:
        raise ValueError("it holds no statement")
    if statement.several:
        raise ValueError("it holds several statements; make them steps of their own")
    if statement.of_session:
        raise ValueError(
            f"{statement.verb} is about a connection, and those of the pool are everybody's;"
            " each step is a transaction of its own (for several statements in one: WITH, or a"
            " function of the database)"
        )
    return statement


StatementField = Annotated[Statement, Parsed(_statement)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlStep(SampledStep):
    """One statement; checks and captures read its rows."""

    verb: ClassVar[str] = "sql"
    placeholder: ClassVar[str] = "SELECT 1"
    sends: ClassVar[bool] = True
    measured: ClassVar[StepMetrics] = StepMetrics(
        count="sql_queries",
        failed="sql_failed",
        duration="sql_query_duration",
        interrupted="sql_interrupted",
    )
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric("sql_queries", "counter", "`sql` steps that ended, by outcome", better="higher"),
        Metric(
            "sql_query_duration",
            "trend",
            "statement handed to the driver until all of its rows were there",
        ),
        Metric("sql_pool_wait", "trend", "wait of a query for a connection of its pool"),
        Metric(
            "sql_interrupted",
            "trend",
            "time so far of queries cut off by a ramp-down or a stop; in no other figure",
        ),
        Metric(
            "sql_failed",
            "rate",
            "queries that the database refused or did not answer in time",
            counted="sql_queries",
        ),
        Metric(
            "sql_rows", "trend", "rows that a query gave, or changed", of="number", better="higher"
        ),
    )
    meanings: ClassVar[Meanings] = {
        **SampledStep.meanings,
        "capture": ("Variables set from the rows: name = expression.", None),
        "check": ("Expressions over rows, row_count and duration that must hold.", None),
        "sql": ("One statement, with $1, $2 … for its parameters.", None),
        "database": ("Which of [databases]; may be left out if there is one.", None),
        "params": ("Values of $1, $2 …, in order, with ${…} in them.", []),
        "timeout": ("How long it may take, waiting for a connection included.", None),
        "explain": ('"slowest": explain its slowest query after the load.', None),
    }

    sql: StatementField
    database: str | None = None
    params: tuple[JsonField, ...] = ()
    timeout: PositiveDurationNs | None = None
    explain: Literal["slowest"] | None = None

    @property
    def label(self) -> str:
        """Its name, or the beginning of its statement."""
        if self.name is not None:
            return self.name
        words = " ".join(self.sql.text.split())
        return words if len(words) <= _LONGEST_LABEL else f"{words[:_LONGEST_LABEL]}…"

    def database_in(self, plan: Plan) -> str:
        """The name of its database, in a plan that was checked."""
        return self.database or next(iter(plan.databases))

    def own_uses(self, path: Path) -> Iterator[Use]:
        """Its parameters."""
        for index, value in enumerate(self.params):
            yield from of_json(value, (*path, "params", index))

    def check_keys(self, draft: Draft, _plan: Plan, path: Path) -> None:
        """Report a database that does not exist, and parameters that do not fit."""
        check_database(draft, path, self.database)
        check_parameters(draft, path, self.sql, len(self.params))
        check_explained(draft, path, self.sql, wanted=self.explain is not None)
        for use in self.uses(path):
            for name in sorted(use.reads.response - RESULT_NAMES) if use.response else ():
                known = ", ".join(sorted(RESULT_NAMES))
                draft.report(
                    use.path, f"`{name}` belongs to a response, and this step has rows",
                    f"known: {known}; a value of the first row: rows[0].NAME",
                )  # fmt: skip

"""Scopes: where the expressions of one virtual user get their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping

    from wedload.metrics.recorder import Recorder
    from wedload.workload.feeders import RowSource
    from wedload.workload.synthetic import Synthetic


class EndIteration(Exception):  # noqa: N818 - it ends an iteration, it is not an error to show
    """The rest of an iteration makes no sense: a value is missing, or the plan says so."""


def missing(error: BaseException) -> str:
    """What an expression's failure to give a value was about, for a note."""
    return f"{error} has no value" if isinstance(error, KeyError) else str(error)


def no_value(recorder: Recorder, where: str, error: BaseException) -> EndIteration:
    """A value that a step needs is not there: note it; what ends the iteration."""
    recorder.note(f"{where}: {missing(error)}")
    return EndIteration()


class Scope:
    """One virtual user's names: its variables, the last response, and itself.

    Implements `wedload.plan.expressions.expression.Scope`.
    """

    __slots__ = (
        "_rows", "_sources", "_stage", "addresses", "env", "expecting", "iteration", "response",
        "rng", "scenario", "secrets", "synthetic", "variables", "vu",
    )  # fmt: skip

    def __init__(
        self,
        *,
        scenario: str,
        vu: int,
        env: Mapping[str, str],
        rng: random.Random,
        synthetic: Synthetic,
        sources: Mapping[str, RowSource],
        stage: Callable[[], str],
        addresses: Mapping[str, Mapping[str, Any]] | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> None:
        self.scenario = scenario
        self.vu = vu  # from 1, as people count
        self.iteration = 0  # of this virtual user, from 0
        self.env = env
        self.secrets: Mapping[str, str] = secrets or {}
        self.addresses: Mapping[str, Mapping[str, Any]] = addresses or {}
        self.rng = rng
        self.synthetic = synthetic
        self.variables: dict[str, Any] = {}
        self.response: object | None = None  # of the last step that had one
        #: label of an await step -> what it waits for, from the sending of its trigger on
        self.expecting: dict[str, Any] = {}
        self._sources = sources
        self._rows: dict[str, Mapping[str, Any]] = {}
        self._stage = stage

    @property
    def stage(self) -> str:
        """The stage in force now."""
        return self._stage()

    def begin_iteration(self, iteration: int, variables: dict[str, Any]) -> None:
        """Forget the last iteration: its captures, and its rows of the feeders."""
        self.iteration = iteration
        self.variables = variables
        self._rows.clear()

    def row(self, feeder: str) -> Mapping[str, Any]:
        """This iteration's row of a feeder, drawn when first asked for.

        Raises:
            FeederExhaustedError: it has no row left.
        """
        row = self._rows.get(feeder)
        if row is None:
            row = self._rows[feeder] = self._sources[feeder].next_row(self.vu - 1, self.rng)
        return row

    def draw(self, feeder: str, row: Mapping[str, Any]) -> None:
        """Let this be the row of a feeder in this iteration."""
        self._rows[feeder] = row

    def row_place(self, feeder: str) -> int:
        """Which row of a feeder's file this iteration has, from 0."""
        return self._sources[feeder].place_of(self.row(feeder))

    def with_variables(self, variables: dict[str, Any]) -> Scope:
        """The same virtual user with other variables, for what must not touch its own."""
        other = Scope(
            scenario=self.scenario,
            vu=self.vu,
            env=self.env,
            rng=self.rng,
            synthetic=self.synthetic,
            sources=self._sources,
            stage=self._stage,
            addresses=self.addresses,
            secrets=self.secrets,
        )
        other.iteration = self.iteration
        other.variables = variables
        other._rows = self._rows
        return other

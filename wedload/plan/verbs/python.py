"""`python`: a coroutine of a module of the plan's, for what no other verb can say."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from wedload.plan.checks.requests import check_identity
from wedload.plan.fields import PositiveDurationNs  # noqa: TC001 - pydantic reads the annotations
from wedload.plan.metric import Metric, StepMetrics
from wedload.plan.parsing import Parsed, text_in
from wedload.plan.verbs.base import Meanings, SampledStep

if TYPE_CHECKING:
    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan
    from wedload.plan.positions import Path

_FORM: Final = re.compile(
    r"(?P<module>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):(?P<name>[A-Za-z_]\w*)", re.ASCII
)
_LONGEST: Final = 200  # characters


@dataclass(frozen=True, slots=True)
class Coroutine:
    """Which coroutine function: `module:name`, the module dotted if it is within a package."""

    module: str
    name: str

    @staticmethod
    def parse(value: Any) -> Coroutine:
        """Read `module:coroutine`; raises ValueError."""
        text = text_in(value)
        match = _FORM.fullmatch(text) if len(text) <= _LONGEST else None
        if match is None or any(map(keyword.iskeyword, re.split(r"[.:]", text))):
            hint = ""
            if "/" in text or ".py" in text:
                hint = "; a module is named without its folder and without .py"
            raise ValueError(f"{text[:_LONGEST]!r} is not module:coroutine{hint}")
        return Coroutine(match["module"], match["name"])

    def __str__(self) -> str:
        return f"{self.module}:{self.name}"


CoroutineField = Annotated[Coroutine, Parsed(Coroutine.parse)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonStep(SampledStep):
    """Runs a coroutine; checks and captures read what it returns, as `json`."""

    verb: ClassVar[str] = "python"
    placeholder: ClassVar[str] = "module:coroutine"
    sends_as: ClassVar[tuple[str, ...]] = ("http",)
    measured: ClassVar[StepMetrics] = StepMetrics(
        count="python_calls",
        failed="python_failed",
        duration="python_duration",
        interrupted="python_interrupted",
    )
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric("python_calls", "counter", "`python` steps that ended, by outcome", better="higher"),
        Metric("python_duration", "trend", "call of the coroutine until it returned"),
        Metric(
            "python_interrupted",
            "trend",
            "time so far of coroutines cut off by a ramp-down or a stop; in no other figure",
        ),
        Metric(
            "python_failed", "rate", "coroutines that raised something, or took too long",
            counted="python_calls",
        ),
    )  # fmt: skip
    meanings: ClassVar[Meanings] = {
        **SampledStep.meanings,
        "capture": ("Variables set from what it returns: name = expression over json.", None),
        "check": ("Expressions that must hold for what it returns, or for how long it took.", None),
        "python": ("The coroutine that is called: `module:coroutine`.", None),
        "as": ("The identity of its requests.", None),
        "timeout": ("How long it may take: [http] timeout.", None),
        "reports": ("Names of the checks that it reports by vu.check().", []),
    }

    python: CoroutineField
    as_: str | None = None  # written `as`
    timeout: PositiveDurationNs | None = None
    reports: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Its name, or its verb and coroutine."""
        return self.name or f"python {self.python}"

    @property
    def identity(self) -> str | None:
        """Whom it acts as."""
        return self.as_

    @property
    def check_names(self) -> tuple[str, ...]:
        """Those of its expressions, and those that the coroutine reports."""
        return (*(check.name for check in self.check), *self.reports)

    @property
    def is_to_be_undone(self) -> bool:
        """Whether one of its requests may say what undoes it: that shows only when it runs."""
        return True

    def check_keys(self, draft: Draft, _plan: Plan, path: Path) -> None:
        """Report who does not exist, and checks of the same name."""
        check_identity(draft, path, self.as_)
        seen = {check.name for check in self.check}
        for index, name in enumerate(self.reports):
            if name in seen:
                draft.report((*path, "reports", index), f'there are two checks "{name}"')
            seen.add(name)

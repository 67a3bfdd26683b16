"""What a plan may say of a step, whatever it does; a verb's own file adds what that verb takes.

This is the port for verbs on the side of the plan: what loading, checking, explaining and judging a
plan ask of a step, they ask by the methods below, and know no verb.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from wedload.plan.fields import (
    STRICT,
    Bindings,
    Captures,
    Checks,
    ExpressionField,
)
from wedload.plan.uses import Use, of_captures, of_checks, of_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.draft import Draft
    from wedload.plan.expressions.template import Template
    from wedload.plan.metric import Metric, StepMetrics
    from wedload.plan.model import Plan
    from wedload.plan.positions import Path

OnFailure = Literal["continue", "end-iteration"]
#: key -> one line about it for editors, and its default as a plan would write it (None: none)
Meanings = dict[str, tuple[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What any step may have."""

    __pydantic_config__: ClassVar = STRICT
    #: the key that tells a step of this kind from others
    verb: ClassVar[str]
    #: a harmless value of that key, to read on with when what a plan has there is wrong
    placeholder: ClassVar[Any] = ""
    meanings: ClassVar[Meanings] = {
        "name": ("What the step is called in results; unique within its workflow.", None),
        "when": ("An expression over variables: the step runs only if it holds.", None),
        "group": ("Consecutive steps of one group are timed together; `a/b` nests.", None),
        "tags": ("Labels of the step's samples, for selectors of benchmark rows.", None),
        "on_failure": ("What a failed step means for the iteration.", "continue"),
        "let": ("Variables that are set before the step: name = value, with ${…} in it.", None),
    }

    name: str | None = None
    when: ExpressionField | None = None
    group: str | None = None  # "a/b" nests
    tags: dict[str, str] = field(default_factory=dict)
    on_failure: OnFailure = "continue"
    let: Bindings = ()

    @property
    def label(self) -> str:
        """What the step is called in notes, and in results if it has samples."""
        return self.name or self.verb

    @property
    def pause_ns(self) -> float:
        """How long it pauses on average, beside what it waits for."""
        return 0

    def inside(self, outer: Step) -> Self:
        """The step as it is inside another one: what this says of its steps, it hands down.

        Their own tags come first; their groups are inside its group; whichever of the two says so
        ends the iteration.
        """
        groups = [group for group in (outer.group, self.group) if group is not None]
        ends: OnFailure = "end-iteration"
        return replace(
            self,
            group="/".join(groups) or None,
            tags={**outer.tags, **self.tags},
            on_failure=ends if ends in {outer.on_failure, self.on_failure} else self.on_failure,
        )

    def held(self, _path: Path) -> Iterator[tuple[Path, SampledStep]]:
        """The steps within it that run at the same time, each with its path."""
        yield from ()

    @property
    def identity(self) -> str | None:
        """Whom it acts as."""
        return None

    @property
    def kept_open(self) -> Template | None:
        """Where the connection goes that it keeps beside those of HTTP; None: it has none."""
        return None

    def runs(self) -> Iterator[tuple[str, int]]:
        """The workflows that it runs, and how many times each."""
        yield from ()

    def uses(self, path: Path) -> Iterator[Use]:
        """Its expressions and templates, in the order in which they are evaluated."""
        for name, value in self.let:
            yield from of_json(value, (*path, "let", name))
        if self.when is not None:
            yield Use((*path, "when"), self.when.reads)
        yield from self.own_uses(path)

    def own_uses(self, _path: Path) -> Iterator[Use]:
        """Those of the keys that its verb adds."""
        yield from ()

    def check_keys(self, draft: Draft, plan: Plan, path: Path) -> None:
        """Report what its verb's keys get wrong beyond their types."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledStep(Step):
    """A step that asks something and waits for an answer: each run of it is a sample.

    Results have it under its label, with its verb's metrics; checks and captures read the answer.
    """

    #: the metrics that only steps of this verb have …
    metrics: ClassVar[tuple[Metric, ...]] = ()
    #: … and which of these count, time and judge a sample in every table
    measured: ClassVar[StepMetrics]
    #: verbs whose metrics its steps have as well, as they do the same on the way
    sends_as: ClassVar[tuple[str, ...]] = ()
    #: whether it sends something, at which an await step's clock may start
    sends: ClassVar[bool] = True
    meanings: ClassVar[Meanings] = {
        **Step.meanings,
        "capture": ("Variables set from the response: name = expression.", None),
        "check": ("Expressions that must hold for the response.", None),
    }

    capture: Captures = ()
    check: Checks = ()

    @property
    def channel(self) -> str | None:
        """The channel that it waits for, or publishes to."""
        return None

    @property
    def check_names(self) -> tuple[str, ...]:
        """The names of its checks."""
        return tuple(check.name for check in self.check)

    @property
    def times_sent(self) -> int:
        """How many times it is sent when it is run once."""
        return int(self.sends)

    @property
    def is_to_be_undone(self) -> bool:
        """Whether it may create something that is to be deleted after the run."""
        return False

    def sent_files(self) -> Iterator[tuple[Path, str]]:
        """The files that it sends, each with where the step names it."""
        yield from ()

    def urls(self) -> Iterator[tuple[Path, Template]]:
        """Where it goes: its URLs, each with where the step has it."""
        yield from ()

    def uses(self, path: Path) -> Iterator[Use]:
        """Its expressions and templates, in the order in which they are evaluated."""
        yield from Step.uses(self, path)
        yield from of_captures(self.capture, (*path, "capture"))
        yield from of_checks(self.check, (*path, "check"))


def sampled_steps(step: Step, path: Path = ()) -> Iterator[tuple[Path, SampledStep]]:
    """The steps with samples that a step is or holds, each with its path."""
    if isinstance(step, SampledStep):
        yield path, step
    yield from step.held(path)

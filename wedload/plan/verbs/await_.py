"""`await`: waits until a channel has heard what the virtual user asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from wedload.plan.expressions.expression import Expression, require_no_duration
from wedload.plan.metric import Metric, StepMetrics
from wedload.plan.parsing import Parsed, flag, keyed, positive_duration, table_schema, text_in
from wedload.plan.uses import Use
from wedload.plan.verbs.base import Meanings, SampledStep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wedload.plan.positions import Path

_EXAMPLE: Final = '{ channel = "NAME", key = "order_id" }'


@dataclass(frozen=True, slots=True, kw_only=True)
class Await:
    """Which message of which channel; times are ns."""

    channel: str
    key: Expression  # over variables; what the channel's own `key` gives for the message
    since: str | None = None  # the step at whose sending the clock starts; None: the nearest before
    within: int | None = None  # None: the channel's
    wait: bool = True  # or have it reported without waiting for it


def key_expression(value: Any) -> Expression:
    """The expression of a key; raises ValueError."""
    expression = Expression.parse(text_in(value))
    require_no_duration(expression)
    return expression


_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "channel": text_in,
    "key": key_expression,
    "since": text_in,
    "within": positive_duration,
    "wait": flag,
}

_NEEDED: Final = ("channel", "key")
_SCHEMA: Final = table_schema(
    {
        "channel": {"type": "string", "description": "Where the message is to come."},
        "key": {"type": "string", "description": "An expression: what its key must be."},
        "since": {"type": "string", "description": "The step at whose sending the clock starts."},
        "within": {
            "type": "string",
            "description": "The deadline from then on, else the channel's.",
        },
        "wait": {"type": "boolean", "default": True, "description": "Whether to wait for it."},
    },
    _NEEDED,
)

AwaitField = Annotated[
    Await,
    Parsed(lambda value: Await(**keyed(value, _EXAMPLE, _READERS, needed=_NEEDED)), _SCHEMA),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitStep(SampledStep):
    """Waits for a message; its checks and captures read that."""

    verb: ClassVar[str] = "await"
    sends: ClassVar[bool] = False
    placeholder: ClassVar[dict[str, str]] = {"channel": "", "key": "''"}
    measured: ClassVar[StepMetrics] = StepMetrics(
        count="awaits",
        failed="await_failed",
        duration="await_duration",
        interrupted="await_interrupted",
    )
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric("awaits", "counter", "await steps that ended, by outcome", better="higher"),
        Metric(
            "await_duration", "trend", "sending of its `since` step until the message was there"
        ),
        Metric(
            "await_interrupted",
            "trend",
            "wait so far of awaits cut off by a ramp-down or a stop; in no other figure",
        ),
        Metric(
            "await_failed", "rate", "awaits whose message was not there in time", counted="awaits"
        ),
    )
    meanings: ClassVar[Meanings] = {
        **SampledStep.meanings,
        "capture": ("Variables set from the message: name = expression.", None),
        "check": ("Expressions that must hold for the message.", None),
        "await": (
            "The message: { channel = NAME, key = expression, since = step, within = '5s' }.",
            None,
        ),
    }

    await_: AwaitField  # written `await`

    @property
    def channel(self) -> str:
        """The channel that it is about."""
        return self.await_.channel

    @property
    def label(self) -> str:
        """Its name, or its verb and channel."""
        return self.name or f"await {self.await_.channel}"

    def own_uses(self, path: Path) -> Iterator[Use]:
        """The expression of its key."""
        yield Use((*path, "await", "key"), self.await_.key.reads)

"""`publish`: sends a message to a realtime channel, as one of its clients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from wedload.plan.expressions.expression import Expression  # noqa: TC001 - as its neighbours
from wedload.plan.expressions.template import JsonTemplate, Template
from wedload.plan.fields import parse_json
from wedload.plan.metric import Metric, StepMetrics
from wedload.plan.parsing import Parsed, flag, keyed, positive_duration, table_schema, text_in
from wedload.plan.uses import Use, of_json
from wedload.plan.verbs.await_ import key_expression
from wedload.plan.verbs.base import Meanings, SampledStep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wedload.plan.positions import Path

_EXAMPLE: Final = '{ channel = "NAME", payload = { id = "${id}" }, key = "id" }'


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """What is said to whom; times are ns."""

    channel: str
    payload: JsonTemplate
    key: Expression  # over variables; what the channel's own `key` gives for the message
    event: Template | None = None
    within: int | None = None  # None: the channel's
    wait: bool = False  # until every subscriber has it, or just until the service has


_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "channel": text_in,
    "payload": parse_json,
    "key": key_expression,
    "event": lambda value: Template.parse(text_in(value)),
    "within": positive_duration,
    "wait": flag,
}

_NEEDED: Final = ("channel", "payload", "key")
_SCHEMA: Final = table_schema(
    {
        "channel": {"type": "string", "description": "A realtime channel."},
        "payload": {"description": "The message, with ${…} in its texts."},
        "key": {"type": "string", "description": "An expression: what its key will be there."},
        "event": {"type": "string", "description": "Its event."},
        "within": {"type": "string", "description": "The deadline for it, else the channel's."},
        "wait": {"type": "boolean", "default": False, "description": "Wait until all have it."},
    },
    _NEEDED,
)

PublishField = Annotated[
    Publish,
    Parsed(lambda value: Publish(**keyed(value, _EXAMPLE, _READERS, needed=_NEEDED)), _SCHEMA),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishStep(SampledStep):
    """Sends a message to a channel; checks and captures read it where it is waited for."""

    verb: ClassVar[str] = "publish"
    placeholder: ClassVar[dict[str, Any]] = {"channel": "", "payload": {}, "key": "''"}
    measured: ClassVar[StepMetrics] = StepMetrics(
        count="publishes",
        failed="publish_failed",
        duration="publish_duration",
        interrupted="publish_interrupted",
    )
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric("publishes", "counter", "publish steps that ended, by outcome", better="higher"),
        Metric(
            "publish_duration", "trend", "handed to the socket until the service acknowledged it"
        ),
        Metric(
            "publish_interrupted",
            "trend",
            "wait so far of publishes cut off by a ramp-down or a stop; in no other figure",
        ),
        Metric(
            "publish_failed", "rate", "messages that could not be published", counted="publishes"
        ),
    )
    meanings: ClassVar[Meanings] = {
        **SampledStep.meanings,
        "capture": (
            "Variables set from the message, if it is waited for: name = expression.",
            None,
        ),
        "check": ("Expressions that must hold for the message, or for how long it took.", None),
        "publish": (
            "The message: { channel = NAME, event = text, payload = JSON, key = expression }.",
            None,
        ),
    }

    publish: PublishField

    @property
    def channel(self) -> str:
        """The channel that it is about."""
        return self.publish.channel

    @property
    def label(self) -> str:
        """Its name, or its verb and channel."""
        return self.name or f"publish {self.publish.channel}"

    def own_uses(self, path: Path) -> Iterator[Use]:
        """What its message is made of."""
        here = (*path, "publish")
        if self.publish.event is not None:
            yield Use((*here, "event"), self.publish.event.reads)
        yield from of_json(self.publish.payload, (*here, "payload"))
        yield Use((*here, "key"), self.publish.key.reads)

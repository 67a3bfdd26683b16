"""What a step can do: one file a verb, and the table of them all.

A verb's class tells what the plan needs to know of its steps (see base). How a step is compiled is
in `wedload.workload.verbs`, who runs it in `wedload.engine.verbs`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.plan.verbs import base
from wedload.plan.verbs.await_ import AwaitStep
from wedload.plan.verbs.batch import BatchStep
from wedload.plan.verbs.http import HttpStep
from wedload.plan.verbs.publish import PublishStep
from wedload.plan.verbs.python import PythonStep
from wedload.plan.verbs.sql import SqlStep
from wedload.plan.verbs.think import ThinkStep
from wedload.plan.verbs.use import UseStep
from wedload.plan.verbs.ws import WsStep

#: the verbs of this version, each with the class of its steps
VERBS: Final[dict[str, type[base.Step]]] = {
    one.verb: one
    for one in (
        HttpStep,
        ThinkStep,
        UseStep,
        BatchStep,
        WsStep,
        AwaitStep,
        PublishStep,
        PythonStep,
        SqlStep,
    )
}
#: those of the plan format that are to come, each with the keys that its steps will have
TO_COME: Final[dict[str, tuple[str, ...]]] = {
    "one_of": ("for_each",),
    "poll": ("every", "since", "until", "within"),
}
#: those whose steps have samples
SAMPLED: Final[tuple[type[base.SampledStep], ...]] = tuple(
    one for one in VERBS.values() if issubclass(one, base.SampledStep)
)

if TYPE_CHECKING:
    Step = base.Step
else:
    from typing import Union  # pydantic tells steps apart by their keys, and needs all of them

    Step = Union[tuple(VERBS.values())]  # noqa: UP007 - not known before the table is

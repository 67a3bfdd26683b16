"""How long after its trigger a message of a channel is in time. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.plan.uses import step_lists
from wedload.plan.verbs.await_ import AwaitStep
from wedload.plan.verbs.base import sampled_steps
from wedload.plan.verbs.publish import PublishStep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.model import Plan


def deadlines_ns(plan: Plan) -> dict[str, int]:
    """By channel: the longest `within` of the steps that expect something of it, or its own."""
    found: dict[str, int] = {}
    for channel, within_ns in _asked(plan):
        own_ns = plan.channels[channel].within if within_ns is None else within_ns
        found[channel] = max(found.get(channel, 0), own_ns)
    return found


def _asked(plan: Plan) -> Iterator[tuple[str, int | None]]:
    for _, steps in step_lists(plan):
        for step in steps:
            for _, sampled in sampled_steps(step):
                match sampled:
                    case AwaitStep(await_=asked):
                        yield asked.channel, asked.within
                    case PublishStep(publish=said):
                        yield said.channel, said.within

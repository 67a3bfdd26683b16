"""What `wedload check` says about channels: where they are, who listens, who expects something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

from wedload.plan.uses import step_lists
from wedload.plan.verbs.base import sampled_steps
from wedload.report.columns import BareTable
from wedload.units import counted
from wedload.workload.fanout import published_per_s, reached

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.channels import Channel
    from wedload.plan.model import Plan
    from wedload.workload.compile_plan import Workload


def channel_table(plan: Plan, workload: Workload) -> BareTable:
    """Each channel with its kind and who listens; below it where, and what is expected of it."""
    table = BareTable()
    table.add_column(" channel", ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column("kind", no_wrap=True)
    table.add_column("listens", no_wrap=True)
    for name, channel in plan.channels.items():
        webhook = channel.kind == "webhook"
        who = "a receiver" if webhook else counted(channel.subscribers, "subscriber")
        table.add_row(Text(f" {name}"), channel.realtime or "webhook", who)
        place = _receiver(channel) if webhook else _service(channel)
        more = [place, _expected(plan, name)]
        if not webhook:
            more.append(_rate(plan, workload, name, channel))
        for words in filter(None, more):
            line = Text(words, "dim", no_wrap=False, overflow="fold")
            table.add_row(Padding(line, (0, 0, 0, 3)))
    return table


def _receiver(channel: Channel) -> str:
    host, _, port = channel.listen.rpartition(":")
    where = f"{channel.webhook} on {host}, " + ("any free port" if port == "0" else f"port {port}")
    if channel.tls is not None:
        where += ", with TLS"
    scheme = None if channel.signature is None else channel.signature.scheme
    return f"{where}; not signed" if scheme in {None, "none"} else f"{where}; signed by {scheme}"


def _service(channel: Channel) -> str:
    where = "" if channel.url is None else channel.url.source.partition("?")[0]
    return where if channel.topic is None else f"{where}, topic {channel.topic.source}"


def _expected(plan: Plan, name: str) -> str:
    labels = list(dict.fromkeys(_expecting(plan, name)))
    if not labels:
        return "no step expects anything: whatever comes is counted as unexpected"
    return f"expected by {', '.join(labels)}"


def _expecting(plan: Plan, name: str) -> Iterator[str]:
    """The steps that expect something of a channel."""
    for _, steps in step_lists(plan):
        for step in steps:
            for _, sampled in sampled_steps(step):
                if sampled.channel == name:
                    yield sampled.label


def _rate(plan: Plan, workload: Workload, name: str, channel: Channel) -> str:
    """How many messages there will be, where the schedule says it."""
    published = published_per_s(plan, workload, name)
    if not published:
        return ""
    told = published * reached(channel)
    to_all = "" if told == published else f", {told:,.4g} to all subscribers together"
    return f"up to {published:,.4g} messages a second{to_all}"

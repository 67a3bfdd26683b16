"""What realtime services allow, and whether a plan asks for more. Pure.

Source: Supabase's guide `realtime/limits`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from wedload.units import NS_PER_S, format_count, format_per_s

if TYPE_CHECKING:
    from wedload.plan.channels import Channel


class Allowed(NamedTuple):
    """What a plan of a service allows."""

    connections: int
    messages_per_s: int


#: Supabase's plans, as documented; a project may have other limits
SUPABASE: Final = {
    "free": Allowed(200, 100),
    "pro": Allowed(500, 500),
    "pro without spend cap": Allowed(10_000, 2_500),
    "team": Allowed(10_000, 2_500),
}


def preflight(name: str, channel: Channel, published_per_s: float | None) -> list[str]:
    """What a channel asks for beyond its `limits`, in sentences with the remedy.

    `published_per_s`: messages a second that the load publishes or causes; None: not known.
    """
    limits = channel.limits
    if limits is None:
        return []
    found = []
    if limits.connections is not None and channel.subscribers > limits.connections:
        found.append(
            f"channel {name}: {format_count(channel.subscribers)} subscribers, but the service "
            f"allows {format_count(limits.connections)} connections{_plan(channel)}: lower "
            "`subscribers`, or have the limit raised"
        )
    if limits.messages is not None and published_per_s is not None:
        allowed = float(limits.messages.per_s(NS_PER_S))
        sent = published_per_s * channel.subscribers
        if sent > allowed:
            most = format_per_s(allowed / channel.subscribers)
            found.append(
                f"channel {name}: {format_per_s(published_per_s)} to "
                f"{format_count(channel.subscribers)} subscribers are {format_per_s(sent)} "
                f"messages, but the service allows {format_per_s(allowed)}: publish at most "
                f"{most}, lower `subscribers`, or have the limit raised"
            )
    return found


def _plan(channel: Channel) -> str:
    """The smallest documented plan that allows as many connections."""
    if channel.realtime != "supabase":
        return ""
    for plan, allowed in SUPABASE.items():
        if channel.subscribers <= allowed.connections:
            return f" (Supabase's plan {plan}: {format_count(allowed.connections)})"
    return ""

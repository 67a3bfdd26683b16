"""The realtime channels of a plan: that subscribers can be what they are said to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.plan.secrets.literal import literal_credential
from wedload.plan.secrets.names import is_credential

if TYPE_CHECKING:
    from wedload.plan.channels import Channel
    from wedload.plan.draft import Draft
    from wedload.plan.expressions.template import Template
    from wedload.plan.model import Plan
    from wedload.plan.positions import Path

#: key of a realtime channel -> the services that have it, where not all have
_SERVICES: Final[dict[str, tuple[str, ...]]] = {
    "topic": ("supabase", "phoenix"),
    "vsn": ("supabase", "phoenix"),
    "access_token": ("supabase",),
    "private": ("supabase",),
    "changes": ("supabase",),
    "presence": ("supabase",),
    "subscribe": ("websocket",),
    "heartbeat": ("supabase", "phoenix"),
}
#: the server of Supabase knows no others
_TOPIC: Final = "realtime:"


def check_subscribers(draft: Draft, plan: Plan, path: Path, channel: Channel) -> None:
    """Report what is wrong with a realtime channel."""
    service = channel.realtime or ""
    written = draft.written_keys(*path)
    for key, services in _SERVICES.items():
        if key in written and service not in services:
            message = f"`{key}` belongs to {' and '.join(services)}, and this channel is {service}"
            draft.report((*path, key), message, "take it out")
    if "url" not in written:
        hint = 'write url = "/realtime/v1/websocket", or a whole one: "ws://127.0.0.1:4000/socket"'
        draft.report(path, "a realtime channel needs `url`", hint)
    elif channel.url is not None:
        check_url(draft, (*path, "url"), channel.url, service)
    if service in _SERVICES["topic"] and "topic" not in written:
        draft.report(path, f"{service} needs `topic`", 'write topic = "realtime:orders"')
    elif service == "supabase" and channel.topic is not None:
        _check_topic(draft, (*path, "topic"), channel.topic)
    if channel.subscribers < 1:
        draft.report((*path, "subscribers"), f"is {channel.subscribers}; it must be 1 or more")
    if not channel.joins.arrivals:
        draft.report((*path, "joins"), "must be above 0")
    _check_limits(draft, (*path, "limits"), channel)
    _check_credentials(draft, plan, path, channel)


def _check_limits(draft: Draft, path: Path, channel: Channel) -> None:
    limits = channel.limits
    if limits is None:
        return
    if limits.connections is not None and limits.connections < 1:
        message = f"is {limits.connections}; it must be 1 or more"
        draft.report((*path, "connections"), message)
    if limits.messages is not None and not limits.messages.arrivals:
        draft.report((*path, "messages"), "must be above 0")


def _check_topic(draft: Draft, path: Path, topic: Template) -> None:
    first = topic.parts[0] if topic.parts else ""
    if not isinstance(first, str) or first.startswith(_TOPIC):
        return
    if len(topic.parts) > 1 and _TOPIC.startswith(first):
        return  # what follows may be the rest of it
    message = f'"{topic.source}" is not a topic of supabase'
    draft.report(path, message, f'it begins with {_TOPIC}, as in "{_TOPIC}{topic.source}"')


def _check_credentials(draft: Draft, plan: Plan, path: Path, channel: Channel) -> None:
    """Report what a subscriber shows of itself, where the plan has it written out."""
    if channel.access_token is not None:
        literal = literal_credential(plan, channel.access_token)
        if literal is not None:
            hint = 'write access_token = "${env.WEDLOAD_TOKEN}", or what set-up captured'
            draft.report((*path, "access_token"), literal, hint)
    for key, shown in (("headers", channel.headers), ("params", channel.params)):
        for name, value in shown:
            literal = literal_credential(plan, value) if is_credential(name) else None
            if literal is not None:
                hint = f'write {name} = "${{env.WEDLOAD_…}}", or what set-up captured'
                draft.report((*path, key, name), literal, hint)


def check_url(draft: Draft, path: Path, url: Template, what: str) -> None:
    """Report an address that is none of a service, or of a webhook."""
    first = url.parts[0] if url.parts else ""
    begins = ["/"] if what != "a webhook" else []
    begins += ["ws://", "wss://"] if what not in {"sse", "a webhook"} else []
    begins += ["http://", "https://"]
    if isinstance(first, str) and not first.startswith(tuple(begins)):
        listed = f"{', '.join(begins[:-1])} or {begins[-1]}"
        draft.report(path, f'"{url.source}" is not a URL of {what}', f"it begins with {listed}")

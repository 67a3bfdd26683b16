"""The channels of a plan: that each is of one kind, and can be listened to as it is."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Final

from wedload.plan.channels import REALTIME_KEYS, WEBHOOK_KEYS
from wedload.plan.expressions.expression import RESPONSE_NAMES, require_no_duration, suggest
from wedload.plan.uses import of_channel, of_messages, uses_of
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from wedload.plan.channels import Answer, Channel, Signature
    from wedload.plan.draft import Draft
    from wedload.plan.expressions.template import Template
    from wedload.plan.model import Plan
    from wedload.plan.positions import Path
    from wedload.plan.uses import Use

#: key of a realtime channel -> the services that have it, where not all have
_SERVICES: Final[dict[str, tuple[str, ...]]] = {
    "topic": ("supabase", "phoenix"),
    "vsn": ("supabase", "phoenix"),
    "access_token": ("supabase",),
    "private": ("supabase",),
    "changes": ("supabase",),
    "presence": ("supabase",),
    "subscribe": ("websocket",),
    "heartbeat": ("supabase", "phoenix", "websocket"),
}
_OF_ENVIRONMENT: Final = 'secret = "${env.WEDLOAD_WEBHOOK_SECRET}"'
_UNSIGNED: Final = 'signature = { scheme = "none" } if its deliveries are not signed'
_LISTEN: Final = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*):(?P<port>\d{1,5})")
_MOST_PORT: Final = 65_535
#: templates of a channel that are the same for every subscriber
_OF_ALL: Final = frozenset({"public_url", "signature", "topic"})


def check_channels(draft: Draft, plan: Plan) -> None:
    """Report channels that cannot be listened to."""
    for name, channel in plan.channels.items():
        path = ("channels", name)
        if path in draft.pruned:
            continue
        _check_kind(draft, path, channel)
        _check_messages(draft, path, channel)
        _check_templates(draft, path, channel)
        if channel.realtime is None and channel.webhook is not None:
            _check_webhook(draft, plan, path, channel)
        if channel.webhook is None and channel.realtime is not None:
            _check_realtime(draft, path, channel)
    _check_ports(draft, plan)
    _check_members(draft, plan)


def _check_kind(draft: Draft, path: Path, channel: Channel) -> None:
    written = draft.written_keys(*path)
    kinds = [kind for kind in ("webhook", "realtime") if kind in written]
    if not kinds:
        hint = 'write webhook = "/hooks", or realtime = "supabase" and its url'
        draft.report(path, "is neither a webhook nor a realtime channel", hint)
        return
    if len(kinds) > 1:
        message = "a channel is a webhook or a realtime channel, not both"
        draft.report((*path, "realtime"), message, "make two channels of it")
        return
    others = REALTIME_KEYS if channel.kind == "webhook" else WEBHOOK_KEYS
    own = WEBHOOK_KEYS if channel.kind == "webhook" else REALTIME_KEYS
    other = "realtime" if channel.kind == "webhook" else "webhook"
    for key in written:
        if key in others:
            message = f"`{key}` belongs to {other} channels, and this is a {channel.kind}"
            draft.report((*path, key), message, f"a {channel.kind} has: {', '.join(own)}")


def _check_messages(draft: Draft, path: Path, channel: Channel) -> None:
    """Report expressions over messages that read what no message has."""
    for use in of_messages(channel, path):
        if draft.damaged(use.path):
            continue
        key = use.path[-1]
        others = use.reads.variables | use.reads.user
        others |= {f"data.{feeder}" for feeder, _ in use.reads.columns}
        others |= {f"channels.{other}" for other, _ in use.reads.channels}
        for name in sorted(others):
            near = suggest(name, sorted(RESPONSE_NAMES), lead="did you mean ")
            message = f"reads `{name}`, and `{key}` can read the message and the environment alone"
            draft.report(use.path, message, near or "json is what the message says")
        if not others and not use.reads.response:
            message = "reads nothing of the message: it would be the same for all"
            draft.report(use.path, message, f'write {key} = "json.id"')
        try:
            require_no_duration(getattr(channel, str(key)))
        except ValueError as error:
            draft.report(use.path, str(error))
    if channel.entity is not None and "sequence" not in draft.written_keys(*path):
        message = "messages of an entity have an order by `sequence`, and there is none"
        draft.report((*path, "entity"), message, 'write sequence = "json.version"')
    if channel.remember < 1:
        draft.report((*path, "remember"), f"is {channel.remember}; it must be 1 or more")


def _check_templates(draft: Draft, path: Path, channel: Channel) -> None:
    """Report what a template reads that nobody has who listens."""
    for use in of_channel(channel, path):
        key = str(use.path[len(path)])
        _check_own(draft, use, {"vu"} if key not in _OF_ALL else set())
        if key == "public_url" and (use.reads.variables or use.reads.channels):
            message = "the receiver is there before any variable has a value"
            draft.report(use.path, message, "it can read the environment alone: ${env.WEDLOAD_…}")


def _check_own(draft: Draft, use: Use, allowed: set[str]) -> None:
    others = set(use.reads.user) - allowed
    others |= {f"data.{feeder}" for feeder, _ in use.reads.columns}
    for name in sorted(others):
        if name == "vu":
            message = "reads `vu`, and it is the same for all subscribers"
        else:
            message = f"reads `{name}`, which only the steps of a virtual user have"
        hint = "channels read the environment, variables of the plan, and what set-up captured"
        draft.report(use.path, message, hint)


# --- webhooks -----------------------------------------------------------------------------------


def _check_webhook(draft: Draft, plan: Plan, path: Path, channel: Channel) -> None:
    where = channel.webhook or ""
    if re.fullmatch(r"/[^\x00-\x20?#{}]*", where) is None:
        message = f'"{where}" is not a path'
        draft.report((*path, "webhook"), message, 'it begins with /, and ends with it: "/hooks"')
    if address_of(channel.listen) is None:
        message = f'"{channel.listen}" is not an address on this machine'
        draft.report((*path, "listen"), message, 'write "127.0.0.1:0", or another port than any')
    if channel.public_url is not None:
        _check_url(draft, (*path, "public_url"), channel.public_url, "a webhook")
    if channel.signature is None and not draft.damaged((*path, "signature")):
        message = "a webhook needs `signature`"
        example = f'signature = {{ scheme = "standard-webhooks", {_OF_ENVIRONMENT} }}'
        draft.report(path, message, f"write {example}, or {_UNSIGNED}")
    elif channel.signature is not None and not draft.damaged((*path, "signature")):
        _check_signature(draft, plan, (*path, "signature"), channel.signature)
    for index, answer in enumerate(channel.answers):
        if not draft.damaged((*path, "answers", index)):
            _check_answer(draft, (*path, "answers", index), answer)
    if not 0 <= channel.answers_ratio <= 1:
        message = f"is {channel.answers_ratio:g}; it must be from 0 to 1"
        draft.report((*path, "answers_ratio"), message)


def address_of(listen: str) -> tuple[str, int] | None:
    """Host and port of an address on loopback; None: it is none."""
    match = _LISTEN.fullmatch(listen)
    if match is None or int(match["port"]) > _MOST_PORT:
        return None
    host = match["host"].strip("[]")
    if host == "localhost":
        return host, int(match["port"])
    try:
        there = ipaddress.ip_address(host).is_loopback
    except ValueError:
        return None
    return (host, int(match["port"])) if there else None


def _check_signature(draft: Draft, plan: Plan, path: Path, signature: Signature) -> None:
    if signature.scheme == "none":
        if signature.secret is not None:
            message = "deliveries without a signature have no secret"
            draft.report((*path, "secret"), message, "name the scheme, or take this out")
        return
    if signature.secret is None:
        draft.report(path, f"{signature.scheme} needs a secret", f"write {_OF_ENVIRONMENT}")
    elif (literal := _literal_secret(plan, signature.secret)) is not None:
        draft.report((*path, "secret"), literal, f"write {_OF_ENVIRONMENT}")


def _literal_secret(plan: Plan, secret: Template) -> str | None:
    """That a secret stands in the plan; None if it does not."""
    marked = "".join(part if isinstance(part, str) else "\0" for part in secret.parts)
    if not marked.strip() or any("\0" not in word for word in marked.split()):
        return "a secret does not belong into a plan"
    for name in sorted(secret.reads.variables & plan.variables.keys()):
        reads = plan.variables[name].reads
        if not reads.env and not reads.optional_env:
            return f"a secret does not belong into a plan, as that in the variable {name}"
    return None


def _check_answer(draft: Draft, path: Path, answer: Answer) -> None:
    if (answer.status is None) == (answer.hang is None):
        hint = 'write { status = 503, times = 2 }, or { hang = "30s" }'
        draft.report(path, "an answer has either status or hang", hint)
    if answer.status is not None and not 200 <= answer.status <= 599:
        draft.report((*path, "status"), f"is {answer.status}; it must be from 200 to 599")
    if answer.retry_after is not None:
        if answer.status is None:
            draft.report((*path, "retry_after"), "is said with a status, and there is none")
        elif answer.retry_after % NS_PER_S:
            draft.report((*path, "retry_after"), "must be whole seconds, as the header has them")
    if answer.times < 1:
        draft.report((*path, "times"), f"is {answer.times}; it must be 1 or more")


def _check_ports(draft: Draft, plan: Plan) -> None:
    """Report receivers that want the same port."""
    taken: dict[tuple[str, int], str] = {}
    for name, channel in plan.channels.items():
        path = ("channels", name, "listen")
        address = address_of(channel.listen) if channel.webhook is not None else None
        if address is None or not address[1] or draft.damaged(path):
            continue
        if address in taken:
            message = f"the channel {taken[address]} listens there already"
            draft.report(path, message, 'choose another port, or "127.0.0.1:0" for any')
        taken.setdefault(address, name)


# --- realtime -----------------------------------------------------------------------------------


def _check_realtime(draft: Draft, path: Path, channel: Channel) -> None:
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
        _check_url(draft, (*path, "url"), channel.url, service)
    if service in _SERVICES["topic"] and "topic" not in written:
        draft.report(path, f"{service} needs `topic`", 'write topic = "realtime:orders"')
    if channel.subscribers < 1:
        draft.report((*path, "subscribers"), f"is {channel.subscribers}; it must be 1 or more")
    if not channel.joins.arrivals:
        draft.report((*path, "joins"), "must be above 0")
    limits = channel.limits
    if limits is not None and limits.connections is not None and limits.connections < 1:
        message = f"is {limits.connections}; it must be 1 or more"
        draft.report((*path, "limits", "connections"), message)
    if limits is not None and limits.messages is not None and not limits.messages.arrivals:
        draft.report((*path, "limits", "messages"), "must be above 0")


def _check_url(draft: Draft, path: Path, url: Template, what: str) -> None:
    first = url.parts[0] if url.parts else ""
    begins = ["/"] if what != "a webhook" else []
    begins += ["ws://", "wss://"] if what not in {"sse", "a webhook"} else []
    begins += ["http://", "https://"]
    if isinstance(first, str) and not first.startswith(tuple(begins)):
        listed = f"{', '.join(begins[:-1])} or {begins[-1]}"
        draft.report(path, f'"{url.source}" is not a URL of {what}', f"it begins with {listed}")


# --- who reads of them --------------------------------------------------------------------------


def _check_members(draft: Draft, plan: Plan) -> None:
    """Report expressions that read what no channel has."""
    known = draft.written_keys("channels")
    for use in uses_of(plan):
        for name, member in sorted(use.reads.channels, key=str):
            if ("channels",) in draft.pruned:
                continue
            if name not in known:
                report_unknown_channel(draft, use.path, name)
            elif draft.damaged(("channels", name)):
                continue
            elif plan.channels[name].kind == "realtime":
                message = f'"{name}" is a realtime channel, and only webhooks have an address'
                draft.report(use.path, message, "await it, or publish to it")
            elif member != "url":
                what = f"`{member}`" if member is not None else "value of its own"
                message = f'the channel "{name}" has no {what}'
                draft.report(use.path, message, f"its address is ${{channels.{name}.url}}")


def report_unknown_channel(draft: Draft, path: Path, name: str) -> None:
    """Report a channel that does not exist, with what may have been meant."""
    known = draft.written_keys("channels")
    near = suggest(name, known, lead="did you mean ")
    listed = f"channels: {', '.join(known)}" if known else f"write [channels.{name}]"
    draft.report(path, f'there is no channel "{name}"', near or listed)

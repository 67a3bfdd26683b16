"""The channels of a plan: that each is of one kind, and can be listened to as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.plan.channels import MESSAGE_NAMES, REALTIME_KEYS, WEBHOOK_KEYS
from wedload.plan.checks.receivers import check_receiver
from wedload.plan.checks.subscribers import check_subscribers
from wedload.plan.expressions.expression import require_no_duration, suggest
from wedload.plan.uses import of_channel, of_messages

if TYPE_CHECKING:
    from wedload.plan.channels import Channel
    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan
    from wedload.plan.positions import Path
    from wedload.plan.uses import Use

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
            check_receiver(draft, plan, path, channel)
        if channel.webhook is None and channel.realtime is not None:
            check_subscribers(draft, plan, path, channel)


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
    if draft.damaged((*path, kinds[0])):
        return  # it was taken out, and with it what the channel is
    others = REALTIME_KEYS if channel.kind == "webhook" else WEBHOOK_KEYS
    own = WEBHOOK_KEYS if channel.kind == "webhook" else REALTIME_KEYS
    other = "realtime" if channel.kind == "webhook" else "webhook"
    for key in written:
        if key in others:
            this = "a webhook" if channel.kind == "webhook" else "a realtime channel"
            message = f"`{key}` belongs to {other} channels, and this is {this}"
            draft.report((*path, key), message, f"{this} has: {', '.join(own)}")


def _check_messages(draft: Draft, path: Path, channel: Channel) -> None:
    """Report expressions over messages that read what no message has."""
    for use in of_messages(channel, path):
        if draft.damaged(use.path):
            continue
        key = use.path[-1]
        others = use.reads.variables | use.reads.user
        others |= {f"data.{feeder}" for feeder, _ in use.reads.columns}
        others |= {f"{place}.{other}" for place, other, _ in use.reads.addresses}
        for name in sorted(others):
            near = suggest(name, sorted(MESSAGE_NAMES), lead="did you mean ")
            message = f"reads `{name}`, and `{key}` can read the message and the environment alone"
            draft.report(use.path, message, near or "json is what the message says")
        if not others and not use.reads.response:
            message = "reads nothing of the message: it would be the same for all"
            draft.report(use.path, message, f'write {key} = "json.id"')
        try:
            require_no_duration(getattr(channel, str(key)))
        except ValueError as error:
            draft.report(use.path, str(error))
        else:
            report_unread(draft, use, MESSAGE_NAMES)
    if channel.entity is not None and "sequence" not in draft.written_keys(*path):
        message = "messages of an entity have an order by `sequence`, and there is none"
        draft.report((*path, "entity"), message, 'write sequence = "json.version"')
    if channel.remember < 1:
        draft.report((*path, "remember"), f"is {channel.remember}; it must be 1 or more")


def report_unread(draft: Draft, use: Use, known: frozenset[str]) -> None:
    """Report what an expression over a message reads that only answers to requests have."""
    for name in sorted(use.reads.response - known):
        message = f"reads `{name}`, which is not there of a message of a channel"
        draft.report(use.path, message, f"there is: {', '.join(sorted(known))}")


def _check_templates(draft: Draft, path: Path, channel: Channel) -> None:
    """Report what a template reads that nobody has who listens."""
    for use in of_channel(channel, path):
        key = str(use.path[len(path)])
        _check_own(draft, use, {"vu"} if key not in _OF_ALL else set())
        if key == "public_url" and (use.reads.variables or use.reads.addresses):
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

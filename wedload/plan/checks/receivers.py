"""The webhooks of a plan: that each can be received as it is said to be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wedload.plan.checks.listening import check_listen
from wedload.plan.checks.subscribers import check_url
from wedload.plan.secrets.literal import literal_secret
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from wedload.plan.channels import Answer, Channel, Signature
    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan
    from wedload.plan.positions import Path

_OF_ENVIRONMENT: Final = 'secret = "${env.WEDLOAD_WEBHOOK_SECRET}"'
_UNSIGNED: Final = 'signature = { scheme = "none" } if its deliveries are not signed'


def check_receiver(draft: Draft, plan: Plan, path: Path, channel: Channel) -> None:
    """Report what is wrong with a webhook."""
    where = channel.webhook or ""
    if re.fullmatch(r"/[^\x00-\x20?#{}]*", where) is None:
        message = f'"{where}" is not a path'
        draft.report((*path, "webhook"), message, 'it begins with /, and ends with it: "/hooks"')
    if not draft.damaged((*path, "listen")):
        check_listen(draft, (*path, "listen"), channel.listen, expose=channel.expose)
    if channel.public_url is not None:
        check_url(draft, (*path, "public_url"), channel.public_url, "a webhook")
    if channel.signature is None and not draft.damaged((*path, "signature")):
        message = "a webhook needs `signature`"
        example = f'signature = {{ scheme = "standard-webhooks", {_OF_ENVIRONMENT} }}'
        draft.report(path, message, f"write {example}, or {_UNSIGNED}")
    elif channel.signature is not None and not draft.damaged((*path, "signature")):
        _check_signature(draft, plan, (*path, "signature"), channel.signature)
    for index, answer in enumerate(channel.answers):
        if not draft.damaged((*path, "answers", index)):
            _check_answer(draft, (*path, "answers", index), answer)
    _check_ratio(draft, path, channel)


def _check_signature(draft: Draft, plan: Plan, path: Path, signature: Signature) -> None:
    if signature.scheme == "none":
        if signature.secret is not None:
            message = "deliveries without a signature have no secret"
            draft.report((*path, "secret"), message, "name the scheme, or take this out")
        return
    if signature.secret is None:
        draft.report(path, f"{signature.scheme} needs a secret", f"write {_OF_ENVIRONMENT}")
    elif (literal := literal_secret(plan, signature.secret)) is not None:
        draft.report((*path, "secret"), literal, f"write {_OF_ENVIRONMENT}")


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


def _check_ratio(draft: Draft, path: Path, channel: Channel) -> None:
    written = draft.written_keys(*path)
    where = (*path, "answers_ratio")
    if draft.damaged(where):
        return
    if not 0 <= channel.answers_ratio <= 1:
        draft.report(where, f"is {channel.answers_ratio:g}; it must be from 0 to 1")
    elif "answers_ratio" in written and "answers" not in written:
        message = "is the share of messages that gets `answers`, and there are none"
        draft.report(where, message, "write answers = [{ status = 503 }], or take this out")

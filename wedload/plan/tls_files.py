"""Certificates and keys that a plan names: found beside it, and named to TLS by where they are.

They are read by whoever speaks TLS, in processes of their own; here only their place is judged.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wedload.plan.confinement import FileRefusedError, report_unreadable

if TYPE_CHECKING:
    from wedload.plan.channels import Channel
    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan, Target
    from wedload.plan.positions import Path


def with_tls_files(draft: Draft, plan: Plan) -> Plan:
    """The plan with the places of these files; what lies where it may not is reported."""
    return replace(
        plan,
        targets={
            name: _target(draft, ("targets", name, "tls"), one)
            for name, one in plan.targets.items()
        },
        channels={
            name: _channel(draft, ("channels", name, "tls"), one)
            for name, one in plan.channels.items()
        },
    )


def _target(draft: Draft, path: Path, target: Target) -> Target:
    tls = target.tls
    ca, cert, key = (
        None if file is None else _place(draft, (*path, part), file)
        for part, file in (("ca", tls.ca), ("cert", tls.cert), ("key", tls.key))
    )
    return replace(target, tls=replace(tls, ca=ca, cert=cert, key=key))


def _channel(draft: Draft, path: Path, channel: Channel) -> Channel:
    if channel.tls is None:
        return channel
    cert = _place(draft, (*path, "cert"), channel.tls.cert)
    key = _place(draft, (*path, "key"), channel.tls.key)
    return replace(channel, tls=replace(channel.tls, cert=cert, key=key))


def _place(draft: Draft, path: Path, file: str) -> str:
    if draft.damaged(path):
        return file
    try:
        return str(draft.folders.place(file))
    except (OSError, FileRefusedError) as error:
        report_unreadable(draft, path, file, error)
        return file

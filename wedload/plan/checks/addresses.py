"""What expressions read of `channels`, `dependencies` and `proxies`: that it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.plan.expressions.expression import suggest
from wedload.plan.uses import uses_of

if TYPE_CHECKING:
    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan
    from wedload.plan.positions import Path

#: namespace -> what one of it is
_NOUNS: Final = {"channels": "channel", "dependencies": "dependency", "proxies": "proxy"}
#: namespace -> what can be read of one of it
_MEMBERS: Final = {
    "channels": ("url",),
    "dependencies": ("url", "address"),
    "proxies": ("url", "address"),
}


def check_addresses(draft: Draft, plan: Plan) -> None:
    """Report expressions that read addresses which nothing in the plan has."""
    for use in uses_of(plan):
        for place, name, member in sorted(use.reads.addresses, key=str):
            if place == "tracing" and "tracing" not in draft.written_keys():
                message = "reads where spans are sent to, and nothing is traced"
                draft.report(use.path, message, 'write [tracing] share = "5%"')
            if place not in _NOUNS or (place,) in draft.pruned:
                continue
            if name not in draft.written_keys(place):
                report_unknown(draft, use.path, place, name)
            elif not draft.damaged((place, name)):
                _check_member(draft, plan, use.path, (place, name, member))


def _check_member(draft: Draft, plan: Plan, path: Path, read: tuple[str, str, str | None]) -> None:
    place, name, member = read
    if place == "channels" and plan.channels[name].webhook is None:
        if plan.channels[name].realtime is None:
            return  # it is neither, which is reported there
        message = f'"{name}" is a realtime channel, and only webhooks have an address'
        draft.report(path, message, "await it, or publish to it")
    elif member not in _MEMBERS[place]:
        what = f"`{member}`" if member is not None else "value of its own"
        message = f'the {_NOUNS[place]} "{name}" has no {what}'
        written = [f"${{{place}.{name}.{one}}}" for one in _MEMBERS[place]]
        as_both = " as a URL, and {} as host:port".format(*written[1:]) if written[1:] else ""
        draft.report(path, message, f"its address is {written[0]}{as_both}")


def report_unknown(draft: Draft, path: Path, place: str, name: str) -> None:
    """Report a name that a namespace does not have, with what may have been meant."""
    known = draft.written_keys(place)
    near = suggest(name, known, lead="did you mean ")
    listed = f"{place}: {', '.join(known)}" if known else f"write [{place}.{name}]"
    draft.report(path, f'there is no {_NOUNS[place]} "{name}"', near or listed)

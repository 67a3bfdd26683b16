"""What steps, identities and targets have in common where they tell of requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from wedload.plan.expressions.expression import suggest

if TYPE_CHECKING:
    from wedload.plan.auth import Auth
    from wedload.plan.draft import Draft
    from wedload.plan.expressions.template import Template
    from wedload.plan.positions import Path

_MOST_REDIRECTS: Final = 50


class SendsHeaders(Protocol):
    """A step, an identity or a target."""

    @property
    def headers(self) -> tuple[tuple[str, Template], ...]:
        """Headers of its requests."""

    @property
    def auth(self) -> Auth | None:
        """Credentials of its requests."""


def check_redirects(draft: Draft, path: Path, redirects: int | None) -> None:
    """Report a number of redirects that is out of range."""
    if redirects is not None and not 0 <= redirects <= _MOST_REDIRECTS:
        draft.report(path, f"is {redirects}; it must be from 0 to {_MOST_REDIRECTS}")


def check_auth(draft: Draft, path: Path, of: SendsHeaders) -> None:
    """Report credentials that are given twice."""
    named = [name for name, _ in of.headers if name.lower() == "authorization"]
    if of.auth is not None and named:
        draft.report((*path, "auth"), f"there is a header {named[0]} too", "take out one of them")


def check_identity(draft: Draft, path: Path, name: str | None) -> None:
    """Report a step's identity that the plan does not have."""
    known = draft.written_keys("identities")
    if name is not None and name not in known and ("identities",) not in draft.pruned:
        listed = f"identities: {', '.join(known)}" if known else f"write [identities.{name}]"
        near = suggest(name, known, lead="did you mean ")
        draft.report((*path, "as"), f'there is no identity "{name}"', near or listed)


def check_one_body(draft: Draft, path: Path, kinds: tuple[str, ...]) -> None:
    """Report a second body; `kinds`: the keys that are one."""
    bodies = [key for key in draft.written_keys(*path) if key in kinds]
    if len(bodies) > 1:
        draft.report(
            (*path, bodies[1]), f"a request has one body, and this has {' and '.join(bodies)}"
        )

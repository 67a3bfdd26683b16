"""Secrets that stand in a plan itself, where anybody reads them who reads the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from wedload.plan.expressions.template import Template
    from wedload.plan.model import Plan

_WHAT: Final = "a secret does not belong into a plan"


def literal_secret(plan: Plan, secret: Template) -> str | None:
    """That a secret stands in the plan; None if it does not. Each word of it is one."""
    marked = "".join(part if isinstance(part, str) else "\0" for part in secret.parts)
    if not marked.strip() or any("\0" not in word for word in marked.split()):
        return _WHAT
    return _of_variable(plan, secret)


def literal_credential(plan: Plan, value: Template) -> str | None:
    """That a header, parameter or token is written out; unlike a secret it may have words around.

    An empty one shows nothing.
    """
    if value.literal is not None:
        return _WHAT if value.literal.strip() else None
    return _of_variable(plan, value)


def _of_variable(plan: Plan, secret: Template) -> str | None:
    """That it is what a variable says which is written out."""
    for name in sorted(secret.reads.variables & plan.variables.keys()):
        reads = plan.variables[name].reads
        if not (reads.env or reads.optional_env or reads.secrets):
            return f"{_WHAT}, as that in the variable {name}"
    return None

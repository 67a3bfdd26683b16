"""`auth`: credentials that requests show, and how they show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

from wedload.plan.expressions.expression import suggest
from wedload.plan.expressions.template import Template
from wedload.plan.parsing import FieldError, Parsed, each, table_in, text_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.expressions.expression import Reads

_SCHEMES: Final = ("basic", "bearer", "digest")
_EXAMPLE: Final = '{ basic = { user = "…", password = "${env.WEDLOAD_PASSWORD}" } }'


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user and a password."""

    user: Template
    password: Template


@dataclass(frozen=True, slots=True)
class Auth:
    """One scheme, with what it needs: credentials, or a token."""

    scheme: str  # basic | bearer | digest
    credentials: Credentials | None = None
    token: Template | None = None

    def reads(self) -> Iterator[tuple[tuple[str, ...], Reads]]:
        """What its templates read, each with its path below `auth`."""
        if self.token is not None:
            yield (self.scheme,), self.token.reads
        if self.credentials is not None:
            yield (self.scheme, "user"), self.credentials.user.reads
            yield (self.scheme, "password"), self.credentials.password.reads


def _auth(value: Any) -> Auth:
    """Read one of the three schemes; raises ValueError."""
    items = dict(table_in(value, _EXAMPLE))
    for scheme in items:
        if scheme not in _SCHEMES:
            near = suggest(scheme, _SCHEMES) or f"; known: {', '.join(_SCHEMES)}"
            raise ValueError(f"there is no scheme `{scheme}`{near}")
    if len(items) != 1:
        raise ValueError(f"has {len(items)} schemes; it needs exactly one, such as {_EXAMPLE}")
    ((scheme, item),) = items.items()
    if scheme == "bearer":
        (token,) = each([(scheme, item)], lambda _, one: _secret(one, "a token"))
        return Auth(scheme, token=token)
    try:
        return Auth(scheme, credentials=_credentials(item))
    except FieldError as error:
        found = [((scheme, *path), message) for path, message in error.found]
        raise FieldError(found) from None
    except ValueError as error:
        raise FieldError([((scheme,), str(error))]) from None


def _credentials(value: Any) -> Credentials:
    items = dict(table_in(value, '{ user = "…", password = "${env.WEDLOAD_PASSWORD}" }'))
    for key in items:
        if key not in {"user", "password"}:
            raise ValueError(f"there is no key `{key}` here; known: user, password")
    for key in ("user", "password"):
        if key not in items:
            raise ValueError(f"`{key}` is missing")
    user, password = each(
        [(key, items[key]) for key in ("user", "password")],
        lambda key, item: (
            Template.parse(text_in(item)) if key == "user" else _secret(item, "a password")
        ),
    )
    return Credentials(user, password)


def _secret(value: Any, what: str) -> Template:
    """A template with an expression in it: what stands in a plan as it is, is no secret."""
    template = Template.parse(text_in(value))
    if template.literal is not None:
        raise ValueError(f"{what} does not belong into a plan; write ${{env.WEDLOAD_…}}")
    return template


AuthField = Annotated[Auth, Parsed(_auth, (("type", "object"),))]

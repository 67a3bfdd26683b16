"""`proxy`: a proxy's address, and apart from it the credentials that it is shown; or none."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal
from urllib.parse import quote, unquote, urlsplit

from wedload.errors import UsageError
from wedload.plan.expressions.expression import type_name
from wedload.plan.expressions.language import EVALUATION_ERRORS, text_of
from wedload.plan.expressions.template import Template
from wedload.plan.parsing import Parsed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wedload.plan.model import Plan

_SECRETS: Final = re.compile(r"(?:env\s*[.(\[]|secrets\s*[.\[])")
_DEFAULT_PORT: Final = 80
_EXAMPLE: Final = "http://host:port"
_FOR_NONE: Final = "write proxy = false for no proxy"
#: what other tools have for no proxy, in lower case
_NONE: Final = frozenset({
    "", "*", "bypass", "direct", "disabled", "false", "never", "no", "none", "null", "off",
})  # fmt: skip


class InvalidProxyError(ValueError):
    """No address of a proxy; says what is wrong, and never quotes it: it may hold a password."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where a proxy is, and what it is shown; printed, it is the address alone."""

    host: str  # name or address, without brackets
    port: int
    authorization: str | None = field(default=None, repr=False)  # of Proxy-Authorization

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @staticmethod
    def parse(url: str) -> Proxy:
        """Read `http://user:password@host:port`; user and password are percent-encoded.

        Raises:
            InvalidProxyError: it is something else.
        """
        if any(character <= " " for character in url):
            raise InvalidProxyError(f"holds spaces or line breaks; write {_EXAMPLE}")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise InvalidProxyError(f"is not a URL; write {_EXAMPLE}") from None
        if parts.scheme != "http":
            raise InvalidProxyError(f"does not start with http://; write {_EXAMPLE}")
        if not parts.hostname:
            raise InvalidProxyError(f"names no host; write {_EXAMPLE}")
        if parts.path not in {"", "/"} or "?" in url or "#" in url:
            raise InvalidProxyError(f"goes on after the port; write {_EXAMPLE}")
        if port == 0:
            raise InvalidProxyError("has no port from 1 to 65535")
        if parts.username is None:
            return Proxy(parts.hostname, port or _DEFAULT_PORT)
        shown = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = f"Basic {b64encode(shown.encode()).decode()}"  # RFC 7617, in UTF-8
        return Proxy(parts.hostname, port or _DEFAULT_PORT, authorization)


@dataclass(frozen=True, slots=True)
class ProxyTemplate:
    """A proxy's address as a plan has it: what it reads of the environment is read by each run."""

    template: Template

    @staticmethod
    def parse(text: str) -> ProxyTemplate:
        """Read `http://${env.USER}:${env.PASSWORD}@host:port`, or one `${env.PROXY}` for all.

        Raises:
            ValueError: it is no address, has a password in clear, or reads something else.
        """
        template = Template.parse(text)
        for expression in template.expressions:
            if not _SECRETS.match(expression.source):
                message = f"reads `{expression.source}`; an address of a proxy can read"
                raise ValueError(f"{message} secrets alone: ${{env.WEDLOAD_…}}, ${{secrets.…}}")
        if template.whole is None:
            shape = "".join(part if isinstance(part, str) else "1" for part in template.parts)
            Proxy.parse(shape)
            marked = "".join(part if isinstance(part, str) else "\0" for part in template.parts)
            shown, at, _ = marked.rpartition("@")
            password = shown.removeprefix("http://").partition(":")[2]
            if at and password and "\0" not in password:
                raise ValueError("a password does not belong into a plan; write ${env.WEDLOAD_…}")
        return ProxyTemplate(template)

    def proxy(self, env: Mapping[str, str], secrets: Mapping[str, str] | None = None) -> Proxy:
        """The address; secrets in it are escaped, unless one is all of it.

        Raises:
            InvalidProxyError: a value makes no address; says so without the value.
        """
        scope = _Readable(env, secrets or {})
        try:
            if (whole := self.template.whole) is not None:
                return Proxy.parse(text_of(whole.evaluate(scope)))
            return Proxy.parse(
                "".join(
                    part if isinstance(part, str) else quote(text_of(part.evaluate(scope)), safe="")
                    for part in self.template.parts
                )
            )
        except EVALUATION_ERRORS as error:
            if isinstance(error, InvalidProxyError):
                raise
            raise InvalidProxyError("reads what the environment does not have") from None


@dataclass(frozen=True, slots=True)
class _Readable:
    """All that such an address may read."""

    env: Mapping[str, str]
    secrets: Mapping[str, str]


def proxy_of(
    plan: Plan, target: str, env: Mapping[str, str], secrets: Mapping[str, str] | None = None
) -> Proxy | None:
    """The proxy that requests to a target go through; None: they go there directly.

    What the target says, also that there is none, comes before what `[http]` says.

    Raises:
        UsageError: the environment makes no address of it.
    """
    own = plan.targets[target].proxy
    template = plan.http.proxy if own is None else own
    if not template:
        return None
    try:
        return template.proxy(env, secrets)
    except InvalidProxyError as error:
        raise UsageError(
            f"the proxy of target {target} ({template.template.source}) {error}",
            "look at the secrets that it is made of",
        ) from None


def _proxy(value: Any) -> ProxyTemplate | Literal[False]:
    if value is False:
        return False
    if not isinstance(value, str):
        found = "true" if value is True else type_name(value)
        raise ValueError(f'expected "{_EXAMPLE}" or false, found {found}')  # noqa: TRY004 - pydantic collects ValueErrors
    if value.strip().lower() in _NONE:
        raise ValueError(f'"{value}" is no address; {_FOR_NONE}')
    return ProxyTemplate.parse(value)


#: False: none, also where there is one for everybody else
ProxyField = Annotated[
    ProxyTemplate | Literal[False],
    Parsed(_proxy, (("oneOf", ({"type": "string"}, {"const": False})),)),
]

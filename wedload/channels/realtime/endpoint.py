"""Where a subscriber connects to: the channel's URL, and what is sent along with the request.

Pure. It does not know what is spoken there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from wedload.about import __version__
from wedload.plan.expressions.expression import EVALUATION_ERRORS, text_of
from wedload.plan.expressions.template import Template
from wedload.safety.redactor import Redactor
from wedload.workload.render import auth_renderer, url_renderer
from wedload.workload.render_parts import Text, header_value
from wedload.workload.request import Origin, as_http, split_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wedload.channels.scope import ChannelScope
    from wedload.plan.channels import Channel
    from wedload.plan.model import Target

#: where servers usually are, for a channel that says no `url`
_USUAL_URLS: Final = {"supabase": "/realtime/v1/websocket", "phoenix": "/socket/websocket"}
_SHORTEST_SECRET: Final = 6


class EndpointError(ValueError):
    """There is nowhere to connect to: a template has no value, or the URL is none."""


class Reaching(Protocol):
    """What is asked for where to connect to; an `EarContext` is one."""

    @property
    def name(self) -> str:
        """Of the channel."""

    @property
    def channel(self) -> Channel:
        """The channel."""

    @property
    def base_url(self) -> str:
        """Of the target."""

    @property
    def target(self) -> Target:
        """The target."""

    @property
    def scope(self) -> ChannelScope:
        """Where templates get their values."""

    @property
    def seed(self) -> int:
        """Of the run."""

    @property
    def run_headers(self) -> Mapping[str, str]:
        """What says of which run a connection is."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to connect to, and as whom."""

    origin: Origin
    target: bytes  # path and query
    headers: tuple[tuple[str, str], ...]
    secrets: tuple[str, ...] = field(repr=False)  # values that nobody may read in a text

    @property
    def url(self) -> str:
        """As texts name it: without its query, which is where keys are."""
        return f"{self.origin}{self.target.partition(b'?')[0].decode('latin-1')}"

    def redacted(self, text: str) -> str:
        """A text without the secrets that were sent."""
        return Redactor(self.secrets)(text)


def endpoint_of(context: Reaching, scope: ChannelScope) -> Endpoint:
    """Where the subscriber with this scope connects to.

    Raises:
        EndpointError: nowhere; says why.
    """
    channel, target = context.channel, context.target
    try:
        origin, path = split_url(_url(context, scope))
        base, _ = split_url(context.base_url)
        headers = {"user-agent": f"wedload/{__version__}"}
        headers |= {name.lower(): run for name, run in context.run_headers.items()}
        ours = target.headers if origin == base else ()  # nobody else is shown them
        if origin == base and target.auth is not None and target.auth.scheme != "digest":
            name, _, value = _shown_credentials(target, scope).partition(": ")
            headers[name.lower()] = value
        for name, template in (*ours, *channel.headers):
            headers[name.lower()] = header_value(Text(template)(scope)).decode()
        secrets = _secrets(context, scope)
    except EVALUATION_ERRORS as error:
        raise EndpointError(f"channel {context.name}: {error or type(error).__name__}") from None
    return Endpoint(origin, path, tuple(headers.items()), secrets)


class Endpoints:
    """Where each subscriber connects to."""

    def __init__(self, context: Reaching) -> None:
        self._context = context
        self._known: dict[int, Endpoint] = {}

    def scope(self, number: int) -> ChannelScope:
        """Where a subscriber's templates get their values."""
        return self._context.scope.of_subscriber(number, self._context.seed)

    def of(self, number: int) -> Endpoint:
        """Where a subscriber connects to.

        Raises:
            EndpointError: nowhere; says why.
        """
        endpoint = self._known.get(number)
        if endpoint is None:
            endpoint = self._known[number] = endpoint_of(self._context, self.scope(number))
        return endpoint


def _shown_credentials(target: Target, scope: ChannelScope) -> str:
    """The header line of a target's credentials."""
    assert target.auth is not None
    line = auth_renderer(target.auth)
    return (line if isinstance(line, bytes) else line(scope)).decode().strip()


def _url(context: Reaching, scope: ChannelScope) -> str:
    channel = context.channel
    template = channel.url or Template.parse(_USUAL_URLS.get(channel.realtime or "", "/"))
    url = url_renderer(template, channel.params)(scope).decode()
    said = url.partition("?")[2].split("&")
    if channel.realtime in _USUAL_URLS and not any(one.startswith("vsn=") for one in said):
        url += f"{'&' if '?' in url else '?'}vsn={channel.vsn}"
    if url.startswith("/"):
        return context.base_url.rstrip("/") + url
    return as_http(url)


def _secrets(context: Reaching, scope: ChannelScope) -> tuple[str, ...]:
    """What templates show of somebody: a token, and values that are not written out.

    The longest first: one may be the beginning of another.
    """
    channel, target = context.channel, context.target
    shown = [value for _, value in (*channel.headers, *channel.params, *target.headers)]
    if target.auth is not None:
        credentials = target.auth.credentials
        shown += [] if target.auth.token is None else [target.auth.token]
        shown += [] if credentials is None else [credentials.user, credentials.password]
    shown += [one for one in (channel.url, channel.topic, channel.subscribe) if one is not None]
    found = set(_values(shown, scope))
    if channel.access_token is not None:
        found.add(Text(channel.access_token)(scope))
        found.update(_values([channel.access_token], scope))
    return tuple(sorted((one for one in found if len(one) >= _SHORTEST_SECRET), key=len))[::-1]


def _values(templates: Iterable[Template], scope: ChannelScope) -> Iterable[str]:
    for template in templates:
        for expression in template.expressions:
            yield text_of(expression.evaluate(scope))

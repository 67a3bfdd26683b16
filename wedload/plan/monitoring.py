"""`[monitoring]`: where a run is seen while it lasts, and who is told of it, as a plan says it.

Addresses and headers are templates that read the environment and secret files, and nothing else.
None of this is load: a plan's runs are comparable whoever watches them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

from wedload.plan.expressions.expression import type_name
from wedload.plan.expressions.template import Template
from wedload.plan.fields import STRICT, PositiveDurationNs, require_request_header
from wedload.plan.hosts import AllowedHosts  # noqa: TC001 - pydantic reads the annotations
from wedload.plan.matchers import Matcher, silence_of
from wedload.plan.parsing import Parsed, each, scalar, table_in, text_in
from wedload.plan.resources import address_template, http_template
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Source: Prometheus' data model, "Metric names and labels"
_LABEL: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_MOST_LABELS: Final = 16  # each is on every series
#: labels of series that say what they are of, or mean something to Prometheus: no plan sets them
OWN_LABELS: Final = frozenset(
    {
        "plan",
        "target",
        "run",
        "version",
        "scenario",
        "workflow",
        "step",
        "group",
        "check",
        "channel",
        "dependency",
        "route",
        "stage",
        "fault",
        "outcome",
        "benchmark",
        "metric",
        "unit",
        "resource",
        "worker",
        "job",
        "instance",
        "le",
        "quantile",
    }
)
#: labels of own alerts that say what they are of
ALERT_LABELS: Final = frozenset({"alertname", "plan", "target", "benchmark", "severity"})


def _url(value: Any) -> Template:
    template = http_template(value, "http://127.0.0.1:9090/…")
    first = template.parts[0] if template.parts else ""
    if isinstance(first, str) and "#" in template.source:
        raise ValueError(f"{value!r}: what follows a # is never sent; leave it out")
    return template


def _header(name: str, item: Any) -> tuple[str, Template]:
    text = text_in(item)
    require_request_header(name, text)
    return name, address_template(text)


def _label(name: str, item: Any) -> tuple[str, str]:
    if _LABEL.fullmatch(name) is None or name.startswith("__"):
        raise ValueError(f"{name!r} is no label; use letters, digits and _, a letter first")
    return name, scalar(item)


def _labels(value: Any) -> tuple[tuple[str, str], ...]:
    found = each(table_in(value, '{ team = "booking" }'), _label)
    if len(found) > _MOST_LABELS:
        raise ValueError(f"{len(found)} labels are on every series; {_MOST_LABELS} at most")
    return found


def _silences(value: Any) -> tuple[tuple[Matcher, ...], ...]:
    """One table of matchers or several, each of a silence of its own."""
    if isinstance(value, dict):
        return (_silence(value),)
    if not isinstance(value, list):
        found = type_name(value)
        raise ValueError(f'expected {{ environment = "staging" }}, found {found}')  # noqa: TRY004 - pydantic collects ValueErrors
    return each(enumerate(value), lambda _, item: _silence(item))


def _silence(value: Any) -> tuple[Matcher, ...]:
    return silence_of(dict(_labels(value)))


_TEXTS: Final = (("type", "object"), ("additionalProperties", {"type": "string"}))
HttpUrl = Annotated[Template, Parsed(_url)]
SecretHeaders = Annotated[
    tuple[tuple[str, Template], ...],
    Parsed(lambda value: each(table_in(value, '{ Name = "value" }'), _header), _TEXTS),
]
Labels = Annotated[tuple[tuple[str, str], ...], Parsed(_labels, _TEXTS)]
Silences = Annotated[
    tuple[tuple[Matcher, ...], ...],
    Parsed(_silences, (("type", ["object", "array"]),)),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prometheus:
    """How a Prometheus gets the figures of a run: it is sent them, or fetches them."""

    __pydantic_config__: ClassVar = STRICT
    remote_write: HttpUrl | None = None  # where they are sent
    histograms: Literal["classic", "native"] = "classic"  # what is sent so
    headers: SecretHeaders = ()  # of what is sent, the verdict to the Pushgateway included
    listen: str | None = None  # where it may fetch them, at /metrics
    expose: bool = False  # whether that may be where other machines reach it
    pushgateway: HttpUrl | None = None  # gets the verdict, when it is known
    job: str = "wedload"


@dataclass(frozen=True, slots=True, kw_only=True)
class Otlp:
    """A collector of OpenTelemetry that is sent the figures of a run, over HTTP."""

    __pydantic_config__: ClassVar = STRICT
    endpoint: HttpUrl  # without /v1/metrics
    headers: SecretHeaders = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alertmanager:
    """An Alertmanager: what a run sets off by design is silenced there, and rows that burn told."""

    __pydantic_config__: ClassVar = STRICT
    url: HttpUrl
    headers: SecretHeaders = ()
    silence: Silences = ()  # matchers of alerts, of each silence
    silence_for: PositiveDurationNs = 60 * NS_PER_S  # ends by itself so long after the last renewal
    alerts: bool = True  # whether rows that burn are told as alerts
    labels: Labels = ()  # of these alerts, beside alertname, plan, target and benchmark


@dataclass(frozen=True, slots=True, kw_only=True)
class Grafana:
    """A Grafana that gets annotations of stages and faults."""

    __pydantic_config__: ClassVar = STRICT
    url: HttpUrl
    token: Annotated[Template | None, Parsed(lambda v: address_template(text_in(v)))] = None
    dashboard: str | None = None  # its UID; None: they are of the organization
    tags: tuple[str, ...] = ()  # beside wedload and the plan's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A webhook that is told the verdict, as Slack and those who speak like it understand it."""

    __pydantic_config__: ClassVar = STRICT
    url: HttpUrl
    headers: SecretHeaders = ()
    on: Literal["always", "not-passed"] = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """Who sees a run while it lasts, and is told of it."""

    __pydantic_config__: ClassVar = STRICT
    every: PositiveDurationNs = 5 * NS_PER_S  # between what is sent
    labels: Labels = ()  # of all series
    allow_hosts: AllowedHosts = ()  # what is sent may go to, without proof: it is no load
    prometheus: Prometheus | None = None
    otlp: Otlp | None = None
    json_lines: str | None = None  # a file, which gets a line for each picture of the run
    alertmanager: Alertmanager | None = None
    grafana: Grafana | None = None
    notify: tuple[Notification, ...] = field(default=())

    def urls(self) -> Iterator[tuple[tuple[str | int, ...], Template]]:
        """Every URL, and where it stands."""
        if (own := self.prometheus) is not None:
            for key in ("remote_write", "pushgateway"):
                if (url := getattr(own, key)) is not None:
                    yield ("prometheus", key), url
        if self.otlp is not None:
            yield ("otlp", "endpoint"), self.otlp.endpoint
        for name in ("alertmanager", "grafana"):
            if (one := getattr(self, name)) is not None:
                yield (name, "url"), one.url
        for index, told in enumerate(self.notify):
            yield ("notify", index, "url"), told.url

    def templates(self) -> Iterator[tuple[tuple[str | int, ...], Template]]:
        """Every URL and header, and where it stands."""
        yield from self.urls()
        for name in ("prometheus", "otlp", "alertmanager"):
            if (one := getattr(self, name)) is not None:
                for header, value in one.headers:
                    yield (name, "headers", header), value
        if self.grafana is not None and self.grafana.token is not None:
            yield ("grafana", "token"), self.grafana.token
        for index, told in enumerate(self.notify):
            for header, value in told.headers:
                yield ("notify", index, "headers", header), value

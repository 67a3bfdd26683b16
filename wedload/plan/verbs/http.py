"""`http`: one HTTP request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Final

from wedload.plan.auth import AuthField  # noqa: TC001 - pydantic reads the annotations
from wedload.plan.bodies import FileField, FilePart, MultipartField
from wedload.plan.checks.rate_limits import check_limits
from wedload.plan.checks.requests import (
    check_auth,
    check_identity,
    check_one_body,
    check_redirects,
)
from wedload.plan.checks.routes import check_route_of
from wedload.plan.fields import (
    EXPECTED_STATUS,
    ExpressionField,
    Fields,
    Headers,
    JsonField,
    PositiveDurationNs,
    RequestLineField,
    SizeBytes,
    StatusField,
    TextTemplate,
)
from wedload.plan.metric import Metric, StepMetrics
from wedload.plan.rate_limits import RateLimits, obeys_limits
from wedload.plan.retry import RetryField  # noqa: TC001 - pydantic reads the annotations
from wedload.plan.uses import Use, of_auth, of_body, of_multipart, of_pairs, of_request
from wedload.plan.verbs.base import Meanings, SampledStep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.draft import Draft
    from wedload.plan.expressions.template import Template
    from wedload.plan.model import HttpDefaults, Plan
    from wedload.plan.positions import Path

#: names of a response that read its body
_OF_BODY: Final = frozenset({"body", "json", "text"})


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpStep(SampledStep):
    """One HTTP request."""

    verb: ClassVar[str] = "http"
    placeholder: ClassVar[str] = "GET /"
    measured: ClassVar[StepMetrics] = StepMetrics(
        count="http_reqs",
        failed="http_req_failed",
        duration="http_req_duration",
        interrupted="http_req_interrupted",
    )
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric(
            "http_reqs",
            "counter",
            "requests finished, whatever the outcome; each redirect counts",
            better="higher",
        ),
        Metric("http_req_duration", "trend", "sending + waiting + receiving, without connecting"),
        Metric(
            "http_req_blocked",
            "trend",
            "from wanting a connection until it is there, if one was made",
        ),
        Metric("http_req_looking_up", "trend", "DNS look-up, if one was made"),
        Metric("http_req_connecting", "trend", "TCP connect, if one was made"),
        Metric("http_req_tls_handshaking", "trend", "TLS handshake, if one was made"),
        Metric("http_req_sending", "trend", "handing the request to the socket"),
        Metric("http_req_waiting", "trend", "request sent until the first byte of the response"),
        Metric("http_req_receiving", "trend", "first byte until the last byte of the response"),
        Metric(
            "http_req_interrupted",
            "trend",
            "wait so far of requests cut off by a ramp-down or a stop; in no other figure",
        ),
        Metric(
            "http_req_failed",
            "rate",
            "requests with an unexpected status or without a response",
            counted="http_reqs",
        ),
        Metric(
            "http_req_limited",
            "rate",
            "requests answered by a rate limit: 429, or 503 with Retry-After",
            counted="http_reqs",
            yes_counter="http_limited",
        ),
        Metric(
            "http_limited",
            "counter",
            "answers of 429, or of 503 with Retry-After",
            by_second=True,
        ),
        Metric(
            "http_reconnects", "counter", "connections made again: the server had ended an idle one"
        ),
        Metric(
            "http_retries",
            "counter",
            "requests sent again, as a step's `retry` says",
            by_second=True,
        ),
        Metric(
            "traced_requests",
            "counter",
            "requests that said that their spans are wanted",
            better="higher",
        ),
        Metric(
            "fallback_used",
            "rate",
            "steps whose answer was a fallback / steps answered that say what one is",
            counted="fallbacks",
            yes="used",
        ),
        Metric("fallback_duration", "trend", "http_req_duration of answers that were a fallback"),
        Metric(
            "route_overhead",
            "trend",
            "how much longer a request took via a gateway than directly",
            of="difference",
        ),
        Metric("route_pairs", "counter", "requests sent both ways, directly and via a gateway"),
    )
    meanings: ClassVar[Meanings] = {
        **SampledStep.meanings,
        "http": ("Method and URL: `POST /api/forms/${form_id}`.", None),
        "as": ("The identity that sends it.", None),
        "headers": ("Headers of the request.", None),
        "auth": ("Credentials of the request: basic, bearer or digest.", None),
        "query": ("Query parameters, encoded and added to the URL.", None),
        "json": ("JSON body, with ${…} in its texts.", None),
        "form": ("Form body (application/x-www-form-urlencoded).", None),
        "body": ("Body as text.", None),
        "multipart": ("Form body with files (multipart/form-data).", None),
        "body_file": ("Body from a file, relative to the plan.", None),
        "timeout": ("Instead of the default of [http].", None),
        "redirects": ("Instead of the default of [http], 0 to 50.", None),
        "max_response": ("Instead of the default of [http].", None),
        "discard_body": ("Instead of the default of [http].", None),
        "retry": ("When the request is sent again: { attempts = 3, on = [503] }.", None),
        "rate_limits": ("Instead of the default of [http]: obey or probe.", None),
        "expected_status": ("Codes or classes that are no failure.", ["2xx", "3xx"]),
        "fallback": ("When its answer is a fallback: `json.fallback_used`.", None),
        "cleanup": ("The request that undoes this one after the run.", None),
        "routes": ("The ways that it is sent, one after the other: a name of [routes].", None),
    }

    http: RequestLineField
    as_: str | None = None  # written `as`
    headers: Headers = ()
    auth: AuthField | None = None
    query: Fields = ()
    json: JsonField | None = None
    form: Fields | None = None
    body: TextTemplate | None = None
    multipart: MultipartField | None = None
    body_file: FileField | None = None
    timeout: PositiveDurationNs | None = None
    redirects: int | None = None
    max_response: SizeBytes | None = None
    discard_body: bool | None = None
    retry: RetryField | None = None
    rate_limits: RateLimits | None = None
    expected_status: StatusField = field(default_factory=lambda: EXPECTED_STATUS)
    fallback: ExpressionField | None = None
    cleanup: RequestLineField | None = None
    routes: str | None = None

    @property
    def label(self) -> str:
        """Its name, or its verb's text."""
        return self.name or f"{self.http.method} {self.http.url.source}"

    @property
    def identity(self) -> str | None:
        """Whom it acts as."""
        return self.as_

    @property
    def times_sent(self) -> int:
        """Twice, if it goes both ways of a route."""
        return 1 if self.routes is None else 2

    @property
    def is_to_be_undone(self) -> bool:
        """Whether it says what undoes it."""
        return self.cleanup is not None

    def sent_files(self) -> Iterator[tuple[Path, str]]:
        """The files that it sends, each with where the step names it."""
        if self.body_file is not None:
            yield ("body_file",), self.body_file
        for name, part in self.multipart or ():
            if isinstance(part, FilePart):
                yield ("multipart", name, "file"), part.file

    def urls(self) -> Iterator[tuple[Path, Template]]:
        """That of the request, and of the one that undoes it."""
        yield ("http",), self.http.url
        if self.cleanup is not None:
            yield ("cleanup",), self.cleanup.url

    def obeys_limits(self, defaults: HttpDefaults) -> bool:
        """Whether it waits when it is told to."""
        return obeys_limits(self, defaults)

    def discards_body(self, defaults: HttpDefaults) -> bool:
        """Whether the body of its response is thrown away as it comes."""
        return defaults.discard_body if self.discard_body is None else self.discard_body

    def own_uses(self, path: Path) -> Iterator[Use]:
        """The expressions of the request, and of the one that undoes it."""
        yield from of_request(self.http, (*path, "http"))
        yield from of_pairs(self.headers, (*path, "headers"))
        yield from of_auth(self.auth, (*path, "auth"))
        yield from of_pairs(self.query, (*path, "query"))
        yield from of_body(self.json, self.form, path)
        if self.body is not None:
            yield Use((*path, "body"), self.body.reads)
        yield from of_multipart(self.multipart or (), (*path, "multipart"))
        if self.fallback is not None:
            yield Use((*path, "fallback"), self.fallback.reads, response=True)
        if self.cleanup is not None:
            yield from of_request(self.cleanup, (*path, "cleanup"))

    def check_keys(self, draft: Draft, plan: Plan, path: Path) -> None:
        """Report a request that cannot be sent as it is."""
        check_auth(draft, path, self)
        check_redirects(draft, (*path, "redirects"), self.redirects)
        check_limits(draft, plan, path, self, self.retry)
        check_one_body(draft, path, ("json", "form", "body", "multipart", "body_file"))
        check_identity(draft, path, self.as_)
        check_route_of(draft, path, self)
        if path not in draft.pruned and self.discards_body(plan.http):
            self._check_discarded(draft, path)

    def _check_discarded(self, draft: Draft, path: Path) -> None:
        """Report what reads the body of a response that is thrown away."""
        where = "this step" if self.discard_body else "[http]"
        for use in self.uses(path):
            for name in sorted(use.reads.response & _OF_BODY) if use.response else ():
                draft.report(
                    use.path,
                    f"`{name}` is of the body, and {where} says discard_body = true",
                    "write discard_body = false into the step",
                )

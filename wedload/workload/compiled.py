"""What virtual users will do: workflows compiled to steps that are ready to run.

Functions in here take a `Scope` (see wedload.plan.expressions.expression) and give a value or
bytes. Times are ns, series are numbers of the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wedload.plan.distribution import Distribution
from wedload.plan.expressions.language import Reads
from wedload.plan.retry import Retry
from wedload.workload.render_parts import rendered
from wedload.workload.request import Origin, Request, line_parts, split_url

if TYPE_CHECKING:
    from wedload.plan.expressions.expression import Scope

Value = Callable[[Any], Any]  # of a Scope
Rendered = Any  # bytes, or a Part or another function of a Scope; told apart once a request


@dataclass(frozen=True, slots=True)
class RequestTemplate:
    """A request with holes in it."""

    method: str
    origin: Origin | None  # None: `target` renders the whole URL
    target: Rendered
    headers: Rendered
    body: Rendered | None  # a function may give a StreamedBody too
    constant: Request | None = field(init=False, default=None)  # if nothing in it varies
    #: what stands around its target, if its origin is known
    around: tuple[bytes, bytes] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        if self.origin is not None:
            object.__setattr__(self, "around", line_parts(self.method, self.origin))
        rendered = (self.target, self.headers, b"" if self.body is None else self.body)
        if self.origin is not None and all(type(part) is bytes for part in rendered):
            request = Request(self.origin, self.method, self.target, self.headers, self.body)
            request.encoded = request.encode()
            object.__setattr__(self, "constant", request)

    def render(self, scope: Scope) -> Request:
        """Fill the holes.

        Raises:
            EVALUATION_ERRORS: a value is missing, or cannot stand in its place.
        """
        if self.constant is not None:
            return self.constant
        target, headers, body = self.target, self.headers, self.body
        origin = self.origin
        if type(target) is not bytes:
            target = rendered(target, scope)
        if origin is None:
            origin, target = split_url(target.decode())
        return Request(
            origin,
            self.method,
            target,
            headers if type(headers) is bytes else rendered(headers, scope),
            body if body is None or type(body) is bytes else rendered(body, scope),
            self.around,
        )


@dataclass(frozen=True, slots=True)
class CompiledCheck:
    """A check of a step; its counts have a series of their own."""

    series: int
    name: str
    holds: Value


@dataclass(frozen=True, slots=True)
class Guarded:
    """What every step has: a condition, and names that are bound before it."""

    verb: str
    name: str
    when: Value | None
    let: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Sampled(Guarded):
    """What every step has whose runs are samples: it asks something, and there is an answer."""

    series: int
    captures: tuple[tuple[str, Value], ...]
    checks: tuple[CompiledCheck, ...]
    ends_iteration: bool  # when it fails
    #: what its sending opens (wedload.workload.verbs.channels.Expectation)
    expects: tuple[Any, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class Driven(Sampled):
    """A step of a verb that has nothing else in compiled code: `task` is what its driver is to do.

    (Interpreted classes cannot well inherit from compiled ones.)
    """

    task: Any


@dataclass(frozen=True, slots=True)
class Digest:
    """Credentials for Digest challenges; those of an identity are known once it has signed in."""

    user: Value
    password: Value
    of_step: bool  # or of its target, else of the identity
    #: the only one that they are for; None: that of the step's request
    origin: Origin | None = None

    def of(self, scope: Scope) -> tuple[str, str]:
        """User and password, in the scope of a step or of an identity."""
        return self.user(scope), self.password(scope)


@dataclass(frozen=True, slots=True)
class Call(Sampled):
    """An HTTP request."""

    request: RequestTemplate
    identity: str | None
    own_headers: frozenset[str]  # lower-case names that an identity's headers do not replace
    timeout_ns: int
    redirects: int
    max_response_bytes: int
    keep_body: bool
    expected_status: frozenset[int]
    cleanup: CleanupRequest | None
    digest: Digest | None
    retry: Retry | None
    obeys_limits: bool  # else it only counts that it was told to wait
    fallback: Value | None  # whether the answer is one


@dataclass(frozen=True, slots=True)
class CleanupRequest:
    """The request that deletes what a call has created, and with which credentials."""

    request: RequestTemplate
    own_headers: frozenset[str]  # lower-case names that an identity's headers do not replace
    digest: Digest | None


@dataclass(frozen=True, slots=True)
class Think(Guarded):
    """A pause."""

    duration: Distribution


@dataclass(frozen=True, slots=True)
class Batch(Guarded):
    """Requests that are made at the same time."""

    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Paired(Guarded):
    """A request that goes directly and via a gateway, one after the other."""

    route: str  # name of the two ways
    series: int  # of what they differ by
    direct: Call
    via: Call


@dataclass(frozen=True, slots=True)
class Use(Guarded):
    """Steps of another workflow, run `repeat` times."""

    steps: tuple[CompiledStep, ...]
    repeat: int


@dataclass(frozen=True, slots=True)
class OpenGroup:
    """The beginning of a timed group of steps."""

    series: int


@dataclass(frozen=True, slots=True)
class CloseGroup:
    """The end of the group opened last."""


CompiledStep = Guarded | OpenGroup | CloseGroup


@dataclass(frozen=True, slots=True)
class CompiledWorkflow:
    """A compiled workflow."""

    name: str
    series: int
    steps: tuple[CompiledStep, ...]


@dataclass(frozen=True, slots=True)
class CompiledIdentity:
    """How a virtual user signs in, and the header lines that it then sends."""

    name: str
    sign_in: Call | None
    headers: tuple[tuple[str, Rendered], ...]  # (lower-case name, line)
    expires_ns: int | None
    digest: Digest | None
    #: all that its headers, credentials and captures read
    reads: Reads = field(default_factory=Reads)

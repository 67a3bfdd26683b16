"""What the user wrote, typed: a `Plan` and its parts, as frozen dataclasses.

No defaults are computed here that depend on other parts, and nothing is compiled: that is
`wedload.workload`. Durations are ns. The keys are described in docs/plan-reference.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from wedload.plan.auth import AuthField  # noqa: TC001 - pydantic reads the annotations
from wedload.plan.bodies import Attachments, FileField  # noqa: TC001 - pydantic reads the annotations
from wedload.plan.channels import Channel  # noqa: TC001 - pydantic reads the annotations
from wedload.plan.cleanup import Cleanup
from wedload.plan.databases import Database  # noqa: TC001 - pydantic reads the annotations
from wedload.plan.fault_proxies import FaultProxy  # noqa: TC001 - pydantic reads the annotations
from wedload.plan.faults import Fault  # noqa: TC001 - pydantic reads the annotations
from wedload.plan.fields import (
    STRICT,
    ArrivalRate,
    Captures,
    DurationNs,
    Fields,
    Headers,
    JsonField,
    PositiveDurationNs,
    RequestLineField,
    SizeBytes,
    StageTarget,
)
from wedload.plan.hosts import AllowedHosts, HostsField  # noqa: TC001 - pydantic reads the annotations
from wedload.plan.monitoring import Monitoring  # noqa: TC001 - pydantic reads the annotations
from wedload.plan.personal_data.reasons import AcceptField  # noqa: TC001 - pydantic reads the annotations
from wedload.plan.proxy import ProxyField  # noqa: TC001 - pydantic reads the annotations
from wedload.plan.rate import NO_RATE
from wedload.plan.rate_limits import RateLimits  # noqa: TC001 - pydantic reads the annotations
from wedload.plan.resources import Resources
from wedload.plan.routes import GatewayRoute  # noqa: TC001 - pydantic reads the annotations
from wedload.plan.row_table import RowField  # noqa: TC001 - pydantic reads the annotations
from wedload.plan.run_header import RUN_HEADER, RunHeaderField
from wedload.plan.third_parties import Dependency  # noqa: TC001 - pydantic reads the annotations
from wedload.plan.tracing import Tracing  # noqa: TC001 - pydantic reads the annotations
from wedload.plan.verbs import Step  # noqa: TC001 - pydantic reads the annotations
from wedload.units import NS_PER_S

ExecutorName = Literal[
    "constant-vus", "ramping-vus", "constant-arrival-rate", "ramping-arrival-rate",
    "per-vu-iterations", "shared-iterations", "externally-controlled",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """How TLS connections to a target are made."""

    __pydantic_config__: ClassVar = STRICT
    verify: bool = True
    ca: str | None = None  # PEM file with the authorities to trust, instead of the system's
    cert: str | None = None  # PEM file with our certificate …
    key: str | None = None  # … and its key


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A platform that load can go to: the embedded sandbox, or a base URL."""

    __pydantic_config__: ClassVar = STRICT
    default: bool = False
    sandbox: bool = False
    base_url: str | None = None
    headers: Headers = ()
    auth: AuthField | None = None
    tls: Tls = field(default_factory=Tls)
    hosts: HostsField = ()
    proxy: ProxyField | None = None  # None: that of [http]
    environment: Literal["development", "test", "staging", "production"] | None = None
    allow_hosts: AllowedHosts = ()  # beside that of the base URL
    http: Literal["1.1", "2", "auto"] = "1.1"
    max_rate: ArrivalRate | None = None  # requests; a plain number is a second's
    max_vus: int | None = None  # hard caps of any load that goes there
    max_duration: PositiveDurationNs | None = None

    def led_to(self, host: str) -> tuple[str | None, int | None]:
        """The address, and perhaps the port, that `hosts` leads a name to."""
        for one in self.hosts:
            if one.name == host.lower():
                return one.address, one.port
        return None, None


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpDefaults:
    """What holds for every http step that does not say otherwise."""

    __pydantic_config__: ClassVar = STRICT
    timeout: PositiveDurationNs = 10 * NS_PER_S
    redirects: int = 5
    client: Literal["wire", "aiohttp"] = "wire"
    proxy: ProxyField | None = None  # of every target that has none of its own
    headers: Headers = ()
    max_response: SizeBytes = 64_000_000
    discard_body: bool = False
    connections: Literal["per-vu", "per-iteration"] = "per-vu"
    dns_ttl: PositiveDurationNs | None = None  # None: looked up once a run
    run_header: RunHeaderField = RUN_HEADER  # None: requests do not say of which run they are
    rate_limits: RateLimits = "obey"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """How a virtual user signs in (`http`), and what it sends with each request from then on."""

    __pydantic_config__: ClassVar = STRICT
    http: RequestLineField | None = None
    json: JsonField | None = None
    form: Fields | None = None
    capture: Captures = ()
    headers: Headers = ()
    auth: AuthField | None = None
    expires: PositiveDurationNs | None = None


def sign_in_label(identity: str) -> str:
    """What the step is called by which somebody signs in."""
    return f"sign in as {identity}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeder:
    """A data file; each iteration sees one row of it."""

    __pydantic_config__: ClassVar = STRICT
    file: str
    pick: Literal["sequential", "random", "unique", "per_vu"] = "sequential"
    # read from the file by the loader; not a key of the format
    rows: Annotated[tuple[dict[str, Any], ...], "loaded"] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stretch of a scenario: the load moves linearly to `target` within `duration`."""

    __pydantic_config__: ClassVar = STRICT
    name: str | None = None  # numbered from 1 where not named
    duration: DurationNs
    target: StageTarget  # virtual users, or a rate of arrivals


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Who comes, when, and what they do."""

    __pydantic_config__: ClassVar = STRICT
    executor: ExecutorName
    # which of these an executor has: see wedload.plan.scenarios
    vus: int | None = None
    duration: DurationNs | None = None
    start_vus: int = 0
    stages: tuple[Stage, ...] = ()
    graceful_ramp_down: DurationNs = 30 * NS_PER_S
    rate: ArrivalRate | None = None
    start_rate: ArrivalRate = NO_RATE
    time_unit: PositiveDurationNs = NS_PER_S  # that a rate without a unit refers to
    max_vus: int = 1_000
    on_saturation: Literal["queue", "drop"] = "queue"
    arrivals: Literal["regular", "poisson"] | None = None  # None: regular, but see plan/knee.py
    iterations: int | None = None
    max_duration: PositiveDurationNs = 600 * NS_PER_S
    graceful_stop: DurationNs = 30 * NS_PER_S
    start_time: DurationNs = 0
    pace: PositiveDurationNs | None = None
    workflow: str | None = None
    mix: dict[str, int] = field(default_factory=dict)  # workflow -> weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What a plan may read besides `WEDLOAD_*` of the environment."""

    __pydantic_config__: ClassVar = STRICT
    env: tuple[str, ...] = ()  # environment variables
    secret_file: dict[str, FileField] = field(
        default_factory=dict
    )  # NAME of `secrets.NAME` -> path


@dataclass(frozen=True, slots=True, kw_only=True)
class Safety:
    """What a plan takes the responsibility for."""

    __pydantic_config__: ClassVar = STRICT
    accept: AcceptField = field(default_factory=dict)  # a value or a file -> the reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A whole plan file."""

    __pydantic_config__: ClassVar = STRICT
    schema: Literal[1]
    name: str
    description: str = ""
    targets: dict[str, Target]
    http: HttpDefaults = field(default_factory=HttpDefaults)
    secrets: Secrets = field(default_factory=Secrets)
    safety: Safety = field(default_factory=Safety)
    identities: dict[str, Identity] = field(default_factory=dict)
    data: dict[str, Feeder] = field(default_factory=dict)
    variables: dict[str, JsonField] = field(default_factory=dict)
    scenarios: dict[str, Scenario]
    workflows: dict[str, tuple[Step, ...]]
    setup: tuple[Step, ...] = ()
    teardown: tuple[Step, ...] = ()
    cleanup: Cleanup = field(default_factory=Cleanup)
    channels: dict[str, Channel] = field(default_factory=dict)
    dependencies: dict[str, Dependency] = field(default_factory=dict)
    proxies: dict[str, FaultProxy] = field(default_factory=dict)
    routes: dict[str, GatewayRoute] = field(default_factory=dict)
    databases: dict[str, Database] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    tracing: Tracing | None = None  # None: no request is traced
    resources: Resources = field(default_factory=Resources)
    monitoring: Monitoring | None = None  # None: nobody but who runs it sees it
    benchmarks: dict[str, RowField] = field(default_factory=dict)
    # read by the loader; not a key of the format
    files: Attachments = field(default_factory=dict)  # text that names it -> what requests send

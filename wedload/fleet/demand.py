"""What a run needs of open files and local ports at its peak, as far as its plan tells. Pure.

It tells what is sure from what may be: an arrival rate takes as many virtual users as the target is
slow, up to `max_vus`, and nobody knows beforehand how slow that is. It knows no machine.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING, Final, NamedTuple

from wedload.plan.expressions.template import Template
from wedload.plan.fault_proxies import SANDBOX
from wedload.plan.fields import RequestLine
from wedload.plan.verbs.base import SampledStep
from wedload.plan.verbs.http import HttpStep
from wedload.protocols.http.lanes import MOST_AT_ONCE
from wedload.workload.request import InvalidUrlError, as_http, split_url
from wedload.workload.schedule import ArrivalSchedule, ControlledSchedule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from wedload.plan.model import Plan
    from wedload.plan.verbs import Step
    from wedload.workload.compile_plan import CompiledScenario, Workload

#: open in a process beside its virtual users' connections: the loop's own, its socket to the
#: coordinator, clean-up's connections, and some that are closed but not yet gone; or, in the
#: sandbox, its database
_OTHER_FILES: Final = 64
#: addresses that the plan does not spell out: the sandbox's, and one that variables tell
_SANDBOX: Final = "sandbox"
_UNKNOWN: Final = "unknown"
_TO_TARGET: Final = RequestLine("GET", Template("/", ("/",)))
#: schemes of WebSocket -> those of what it begins as
_HTTP: Final = {"ws": "http", "wss": "https"}


@dataclass(frozen=True, slots=True)
class Span:
    """A number that is not known beforehand, but its bounds are."""

    sure: int  # at least, about: however fast the target answers
    most: int  # at most, about: with every virtual user that the plan allows

    def plus(self, number: int) -> Span:
        """With so many more."""
        return Span(self.sure + number, self.most + number)


@dataclass(frozen=True, slots=True)
class Demand:
    """What a run needs at its peak."""

    open_files: Span  # in the load process with the most
    connections: int  # at most, of all load processes to one address
    sandbox_files: Span | None = None  # in the embedded sandbox; None: the target is another
    ears_files: Span | None = None  # in the process that listens to channels; None: there are none
    proxy_files: Span | None = None  # in that of a proxy before the sandbox; None: there is none


@dataclass(frozen=True, slots=True)
class _Part:
    """What one scenario has a part in."""

    begin_ns: int  # from the start of the load
    end_ns: int  # of its stages
    gone_ns: int  # when the last of its virtual users is cut off
    vus: Span
    connections: dict[str, Span]  # of a virtual user, by address
    streams: int  # files at most that a virtual user sends at the same time

    def files(self, workers: int) -> Span:
        """Open files in the load process with the most."""
        sure = sum(one.sure for one in self.connections.values())
        most = sum(one.most for one in self.connections.values()) + self.streams
        return Span(ceil(self.vus.sure / workers) * sure, ceil(self.vus.most / workers) * most)

    def connected(self, address: str) -> Span:
        """Connections to an address, of all load processes."""
        each = self.connections.get(address, Span(0, 0))
        return Span(self.vus.sure * each.sure, self.vus.most * each.most)


def demand_of(plan: Plan, workload: Workload, target: str, workers: int) -> Demand:
    """What a run against a target needs that has so many load processes."""
    parts = [_part_of(plan, one, target) for one in workload.scenarios]
    most = _subscribers(plan, target)
    heard = most[_SANDBOX]
    for part in parts:
        for address in part.connections:
            most[address] += part.connected(address).most
    sandbox = None
    if plan.targets[target].sandbox:
        sandbox = _peak(parts, lambda part: part.connected(_SANDBOX))
        sandbox = Span(sandbox.sure + heard, sandbox.most + heard)
    files = _peak(parts, lambda part: part.files(workers))
    files = files.plus(sum(one.pool for one in plan.databases.values()))
    proxied = _before_sandbox(plan, sandbox)
    return Demand(files, max(most.values(), default=0), sandbox, _ears(plan), proxied)


def _before_sandbox(plan: Plan, sandbox: Span | None) -> Span | None:
    """Files of a proxy before the sandbox: two for each connection, one of them to the sandbox."""
    if sandbox is None or not any(one.upstream == SANDBOX for one in plan.proxies.values()):
        return None
    return Span(2 * sandbox.sure - _OTHER_FILES, 2 * sandbox.most - _OTHER_FILES)


def _ears(plan: Plan) -> Span | None:
    """Files of the process that listens: one for each subscriber and each receiver."""
    if not plan.channels:
        return None
    files = sum(1 if one.kind == "webhook" else one.subscribers for one in plan.channels.values())
    return Span(_OTHER_FILES + files, _OTHER_FILES + files)


def _subscribers(plan: Plan, target: str) -> Counter[str]:
    """Connections of subscribers, by address."""
    found: Counter[str] = Counter()
    for one in plan.channels.values():
        if one.url is not None:
            found[_address(plan, one.url, target)] += one.subscribers
    return found


def _peak(parts: Sequence[_Part], files: Callable[[_Part], Span]) -> Span:
    """Files of a process, of those scenarios that have the most at the same time."""
    sure = most = 0
    for at_ns in {part.begin_ns for part in parts}:
        begun = [part for part in parts if part.begin_ns <= at_ns]
        sure = max(sure, sum(files(one).sure for one in begun if at_ns <= one.end_ns))
        most = max(most, sum(files(one).most for one in begun if at_ns <= one.gone_ns))
    return Span(_OTHER_FILES + sure, _OTHER_FILES + most)


def _part_of(plan: Plan, scenario: CompiledScenario, target: str) -> _Part:
    workflows = [plan.workflows[flow.name] for flow in scenario.workflows]
    steps = [one for workflow in workflows for one in _sent(plan, workflow)]
    kept = [one for workflow in workflows for one in _kept(plan, workflow)]
    return _Part(
        begin_ns=scenario.start_ns,
        end_ns=scenario.end_ns,
        gone_ns=scenario.end_ns + scenario.graceful_stop_ns,
        vus=_vus_of(plan, scenario),
        connections=_connections(plan, steps, kept, target),
        streams=max(
            (sum(_is_streamed(plan, one) for one in step.requests) for step in steps), default=0
        ),
    )


# --- virtual users ------------------------------------------------------------------------------


def _vus_of(plan: Plan, scenario: CompiledScenario) -> Span:
    schedule = scenario.schedule
    match schedule:
        case ArrivalSchedule() if schedule.probes:  # nobody knows at which rates
            sure = 1
        case ArrivalSchedule():
            sure = min(max(_under_way(plan, scenario, schedule), 1), schedule.max_vus)
        case ControlledSchedule():  # until somebody scales it
            sure = schedule.vus
        case _:
            sure = schedule.most_vus
    return Span(sure, schedule.most_vus)


def _under_way(plan: Plan, scenario: CompiledScenario, schedule: ArrivalSchedule) -> int:
    """Iterations under way at the same time if requests took no time (Little's law)."""
    weights = [b - a for a, b in pairwise((0, *scenario.cumulative_weights))]
    found = sum(
        weight * schedule.most_within(_pause_ns(plan, plan.workflows[flow.name]))
        for flow, weight in zip(scenario.workflows, weights, strict=True)
    )
    return ceil(found / sum(weights))


def _pause_ns(plan: Plan, steps: Sequence[Step]) -> int:
    """How long a virtual user thinks in a workflow, on average; what has a condition may not be."""
    pause_ns = 0.0
    for step in steps:
        if step.when is not None:
            continue
        pause_ns += step.pause_ns
        for workflow, times in step.runs():
            pause_ns += times * _pause_ns(plan, plan.workflows[workflow])
    return round(pause_ns)


# --- connections of each ------------------------------------------------------------------------


class _Sent(NamedTuple):
    """The requests of a step."""

    requests: tuple[HttpStep, ...]
    at_once: bool  # on connections beside the virtual user's own
    route: str | None = None  # both ways of it, on a connection each


def _sent(plan: Plan, steps: Sequence[Step]) -> Iterator[_Sent]:
    """What the steps of a workflow send."""
    for step in steps:
        if isinstance(step, HttpStep):
            yield _Sent((step,), at_once=False, route=step.routes)
        elif isinstance(step, SampledStep) and HttpStep.verb in step.sends_as:
            # to the target, as far as anybody knows
            yield _Sent((HttpStep(http=_TO_TARGET, as_=step.identity),), at_once=False)
        if held := [one for _, one in step.held(()) if isinstance(one, HttpStep)]:
            yield _Sent(tuple(held), at_once=True)
        for workflow, _ in step.runs():
            yield from _sent(plan, plan.workflows[workflow])


def _kept(plan: Plan, steps: Sequence[Step]) -> Iterator[tuple[Template, str | None]]:
    """The connections beside those of HTTP that steps of a workflow keep, and who opens each."""
    for step in steps:
        if (url := step.kept_open) is not None:
            yield url, step.identity
        for workflow, _ in step.runs():
            yield from _kept(plan, plan.workflows[workflow])


def _connections(
    plan: Plan,
    steps: Sequence[_Sent],
    kept: Sequence[tuple[Template, str | None]],
    target: str,
) -> dict[str, Span]:
    """Connections of a virtual user by address: its own, and those of batches beside it.

    In a batch, requests to whole URLs share their lanes, whatever the address: in the end each
    lane may have a connection to each of them.
    """
    own: set[str] = set()
    lanes: Counter[str] = Counter()
    elsewhere: set[str] = set()
    lanes_elsewhere = 0
    for requests, at_once, route in steps:
        own |= _signed_in_at(plan, [one.as_ for one in requests], target)
        if route is not None:
            continue
        addresses = Counter(_address(plan, one.http.url, target) for one in requests)
        if not at_once:
            own |= addresses.keys()
            continue
        for address, number in addresses.items():
            lanes[address] = max(lanes[address], min(number, MOST_AT_ONCE))
        leaving = [one for one in requests if not one.http.url.source.startswith("/")]
        elsewhere |= {_address(plan, one.http.url, target) for one in leaving}
        lanes_elsewhere = max(lanes_elsewhere, min(len(leaving), MOST_AT_ONCE))
    own |= _signed_in_at(plan, [identity for _, identity in kept], target)
    found = {
        address: _versions(
            plan.targets[target].http,
            int(address in own),
            lanes[address],
            max(lanes[address], lanes_elsewhere if address in elsewhere else 0),
        )
        for address in own | lanes.keys()
    }
    beside = Counter(_address(plan, url, target) for url, _ in dict.fromkeys(kept))
    for name in {one.route for one in steps if one.route is not None}:
        own_url = plan.targets[target].base_url
        direct, via = plan.routes[name].direct or own_url, plan.routes[name].via
        beside += Counter([_SANDBOX if direct is None else str(split_url(direct)[0])])
        beside += Counter([str(split_url(via)[0])])
    return {
        address: found.get(address, Span(0, 0)).plus(beside[address])
        for address in found.keys() | beside.keys()
    }


def _signed_in_at(plan: Plan, identities: Iterable[str | None], target: str) -> set[str]:
    """The addresses at which identities sign in."""
    lines = [plan.identities[name].http for name in identities if name is not None]
    return {_address(plan, line.url, target) for line in lines if line is not None}


def _versions(http: str, own: int, lanes: int, most_lanes: int) -> Span:
    """With HTTP/2 all requests to an address share one, and with "auto" the server decides."""
    if http == "1.1":
        return Span(own + lanes, own + most_lanes)
    return Span(1, 1 if http == "2" else max(own, most_lanes))


def _address(plan: Plan, url: Template, target: str) -> str:
    """Where a URL leads to: scheme and authority."""
    first = url.parts[0] if url.parts else ""
    if not isinstance(first, str):
        return _UNKNOWN
    base_url = plan.targets[target].base_url
    if first.startswith("/"):
        return _SANDBOX if base_url is None else str(split_url(base_url)[0])
    scheme, _, rest = first.partition("://")
    authority, slash, _ = rest.partition("/")
    if not slash and len(url.parts) > 1:
        return _UNKNOWN
    try:
        return str(split_url(as_http(f"{scheme}://{authority}/"))[0])
    except InvalidUrlError:
        return _UNKNOWN


def _is_streamed(plan: Plan, step: HttpStep) -> bool:
    """Whether a file is open while a request is sent."""
    return any(plan.files[name].content is None for _, name in step.sent_files())

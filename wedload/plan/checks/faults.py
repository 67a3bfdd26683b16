"""The faults of a plan: that each is of something, that this can suffer it, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.plan.checks.fault_proxies import require_sandbox
from wedload.plan.checks.fault_times import check_fault_times
from wedload.plan.checks.third_parties import check_retry_after, check_share, check_status
from wedload.plan.distribution import Distribution
from wedload.plan.expressions.expression import suggest
from wedload.plan.fault_proxies import DEPENDENCY, SANDBOX
from wedload.plan.fault_times import NO_FAULT
from wedload.plan.faults import KINDS, OF_ANSWERS, OF_BYTES, SANDBOX_SERVICES

if TYPE_CHECKING:
    from wedload.plan.draft import Draft
    from wedload.plan.faults import Fault
    from wedload.plan.model import Plan
    from wedload.plan.positions import Path

_FIRST_ERROR: Final = 400


def check_faults(draft: Draft, plan: Plan) -> None:
    """Report faults that nothing would suffer, or not as they are written."""
    names: dict[str, int] = {}
    for index, fault in enumerate(plan.faults):
        path = ("faults", index)
        if path in draft.pruned:
            continue
        if not draft.damaged((*path, "name")):
            _check_name(draft, path, fault.name, names)
            names.setdefault(fault.name, draft.positions.line((*path, "name")))
        if not draft.damaged((*path, "on")):
            _check_on(draft, plan, path, fault)
        _check_kinds(draft, path, fault)
        _check_values(draft, path, fault)
    check_fault_times(draft, plan)


def _check_name(draft: Draft, path: Path, name: str, names: dict[str, int]) -> None:
    if not name.strip():
        draft.report((*path, "name"), "is empty", 'write name = "calendar outage"')
    elif name == NO_FAULT:
        message = f"no fault can be called {NO_FAULT}: in rows it means that there is none"
        draft.report((*path, "name"), message, "choose another name")
    elif name in names:
        message = f'the fault of line {names[name]} is called "{name}" already'
        draft.report((*path, "name"), message, "rows tell faults apart by their names")


def _check_on(draft: Draft, plan: Plan, path: Path, fault: Fault) -> None:
    many = isinstance(draft.written(*path, "on"), list)
    if not fault.on:
        draft.report((*path, "on"), "is empty", 'write on = "calendar"')
    for index, thing in enumerate(fault.on):
        here = (*path, "on", index) if many else (*path, "on")
        if thing in fault.on[:index]:
            draft.report(here, f'"{thing}" is there twice')
        elif thing in SANDBOX_SERVICES:
            require_sandbox(draft, plan, here, f'"{thing}" is of the sandbox')
            _check_suffers(draft, path, fault, thing, SANDBOX_SERVICES[thing])
        elif thing in draft.written_keys("proxies"):
            others = tuple(kind for kind in KINDS if kind not in OF_ANSWERS)
            _check_suffers(draft, path, fault, thing, others, _instead(plan, thing))
        elif thing not in draft.written_keys("dependencies"):
            _report_unknown(draft, here, thing)


def _report_unknown(draft: Draft, path: Path, thing: str) -> None:
    """Report what a fault cannot be on, with what may have been meant."""
    if {("dependencies",), ("proxies",)} & draft.pruned:
        return
    named = [*draft.written_keys("dependencies"), *draft.written_keys("proxies")]
    if thing == SANDBOX:
        near = f"say what of it: {', '.join(SANDBOX_SERVICES)}"
    else:
        plain = thing.removeprefix(DEPENDENCY)
        near = suggest(plain, (*named, *SANDBOX_SERVICES), lead="did you mean ")
    hint = near or f"known: {', '.join((*named, *SANDBOX_SERVICES))}"
    draft.report(path, f'there is no dependency or proxy "{thing}"', hint)


def _instead(plan: Plan, proxy: str) -> str | None:
    """Where a fault of requests can be, where a proxy cannot have it."""
    behind = plan.proxies[proxy].upstream if proxy in plan.proxies else ""
    name = behind.removeprefix(DEPENDENCY)
    return f'write on = "{name}", which is behind it' if name in plan.dependencies else None


def _check_suffers(
    draft: Draft,
    path: Path,
    fault: Fault,
    thing: str,
    able: tuple[str, ...],
    hint: str | None = None,
) -> None:
    """Report kinds that something cannot suffer; `able`: those that it can."""
    service = thing in SANDBOX_SERVICES
    for kind in fault.kinds:
        if kind not in able:
            why = "" if service else ": a proxy knows no requests"
            message = f"{thing} cannot suffer `{kind}`{why}"
            draft.report((*path, kind), message, hint or f"it can suffer {', '.join(able)}")
    if service:
        _check_service(draft, path, fault, thing)


def _check_service(draft: Draft, path: Path, fault: Fault, thing: str) -> None:
    """Report what the embedded sandbox cannot do to a service of it."""
    written = draft.written_keys(*path)
    if "direction" in written:
        message = f"{thing} has no bytes of which only one direction could suffer"
        draft.report((*path, "direction"), message, "take it out")
    if "retry_after" in written and "status" in written:
        draft.report((*path, "retry_after"), f"{thing} tells no Retry-After", "take it out")
    if fault.status is not None and 200 <= fault.status < _FIRST_ERROR:
        message = f"is {fault.status}; of {thing} it must be from {_FIRST_ERROR} to 599"
        draft.report((*path, "status"), message)
    late = fault.latency
    if late is None or draft.damaged((*path, "latency")):
        return
    if not isinstance(late, Distribution) or late.shape not in {"constant", "uniform"}:
        message = f"{thing} knows a duration, or uniform(…), and no other distribution"
        draft.report((*path, "latency"), message, 'write latency = "200ms", jitter = "50ms"')


def _check_kinds(draft: Draft, path: Path, fault: Fault) -> None:
    """Report that nothing goes wrong, or what cannot go wrong at the same time."""
    kinds, written = fault.kinds, draft.written_keys(*path)
    if not kinds and not any(draft.damaged((*path, kind)) for kind in KINDS):
        others = ", ".join(kind for kind in KINDS[1:] if kind != "jitter")  # not by itself
        hint = f"write down = true, or another: {others}"
        draft.report(path, "it does not say what goes wrong", hint)
    if fault.jitter is not None and "latency" not in written:
        message = "is more or less than `latency`, and there is none"
        draft.report((*path, "jitter"), message, 'write latency = "200ms"')
    if fault.retry_after is not None and "status" not in written:
        message = "is told with `status`, and there is none"
        draft.report((*path, "retry_after"), message, "write status = 503")
    answers = [kind for kind in kinds if kind in {"down", *OF_ANSWERS}]
    if fault.down and len(kinds) > 1:
        other = next(kind for kind in kinds if kind != "down")
        draft.report((*path, other), "nothing else goes wrong with what is down", "take it out")
    elif len(answers) > 1:
        message = f"an answer is {answers[0]} or {answers[1]}, not both"
        draft.report((*path, answers[1]), message, "make two faults of it")
    if "direction" in written and kinds and not set(kinds) & set(OF_BYTES):
        message = f"is about bytes, and `{kinds[0]}` is not"
        draft.report((*path, "direction"), message, f"it goes with {', '.join(OF_BYTES)}")


def _check_values(draft: Draft, path: Path, fault: Fault) -> None:
    if fault.status is not None:
        check_status(draft, (*path, "status"), fault.status)
    check_retry_after(draft, (*path, "retry_after"), fault.retry_after)
    if not draft.damaged((*path, "toxicity")):
        check_share(draft, (*path, "toxicity"), fault.toxicity)
    pieces = fault.slicer
    if pieces is None or draft.damaged((*path, "slicer")):
        return
    if pieces.size < 1:
        draft.report((*path, "slicer", "size"), "must be 1B or more")
    elif pieces.vary >= pieces.size:
        message = "must be less than `size`, or a piece could have no bytes"
        draft.report((*path, "slicer", "vary"), message)

"""The third parties of a plan: that each can be played as it is said to be."""

from __future__ import annotations

import os
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from wedload.plan.checks.listening import check_listen
from wedload.plan.checks.played_requests import check_operation, check_routes
from wedload.plan.fault_proxies import SANDBOX
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan
    from wedload.plan.positions import Path
    from wedload.plan.third_parties import Dependency, Policy

#: key -> the only service that has it
_OWNERS: Final = {"provider": "email", "user_quota": "google-calendar", "routes": "http"}
#: a file of another name may mean something to others: a log in `.profile` is run
_OF_LOGS: Final = (".jsonl", ".log")
#: keys about what is over a quota
_OF_QUOTAS: Final = ("quota_status", "retry_after")


def check_third_parties(draft: Draft, plan: Plan) -> None:
    """Report third parties that nobody can play."""
    logs: dict[PurePosixPath, str] = {}
    for name, dependency in plan.dependencies.items():
        path = ("dependencies", name)
        if path in draft.pruned:
            continue
        check_free_name(draft, path, name)
        _check_keys(draft, path, dependency)
        _check_errors(draft, path, dependency)
        if dependency.policy is not None and not draft.damaged((*path, "policy")):
            _check_policy(draft, (*path, "policy"), dependency.policy)
        if not draft.damaged((*path, "listen")):
            check_listen(draft, (*path, "listen"), dependency.listen, expose=dependency.expose)
        if dependency.log is not None:
            _check_log(draft, (*path, "log"), dependency.log, logs, name)
        check_operation(draft, (*path, "operation"), dependency.operation)
        check_routes(draft, (*path, "routes"), dependency.routes)


def check_free_name(draft: Draft, path: Path, name: str) -> None:
    """Report a name by which faults mean something of the sandbox."""
    if name == SANDBOX or name.startswith(f"{SANDBOX}."):
        message = f'"{name}" means the embedded sandbox; nothing else can be called so'
        draft.report(path, message, "choose another name")


def check_status(draft: Draft, path: Path, status: int, least: int = 200) -> None:
    """Report a status that no answer ends with; below 200 others follow it."""
    if not least <= status <= 599:
        draft.report(path, f"is {status}; it must be from {least} to 599")


def check_retry_after(draft: Draft, path: Path, retry_after: int | None) -> None:
    """Report a Retry-After (ns) that its header cannot say."""
    if retry_after is not None and retry_after % NS_PER_S:
        draft.report(path, "must be whole seconds, as the header has them")


def check_share(draft: Draft, path: Path, share: float) -> None:
    """Report a share of requests or connections that is none."""
    if not 0 < share <= 1:
        hint = "what nothing suffers can be taken out" if share == 0 else None
        draft.report(path, f"is {share:g}; it must be above 0, and 1 at most", hint)


def _check_keys(draft: Draft, path: Path, dependency: Dependency) -> None:
    """Report keys of other services, and of quotas where there is none."""
    written = draft.written_keys(*path)
    if draft.damaged((*path, "simulate")):
        return  # what it is is not known
    service = dependency.simulate
    for key, owner in _OWNERS.items():
        if key in written and service != owner:
            message = f"`{key}` belongs to {owner}, and this dependency is {service}"
            draft.report((*path, key), message, "take it out")
    if service == "http" and not dependency.routes and not draft.damaged((*path, "routes")):
        hint = f'write [[{".".join(map(str, path))}.routes]] with http = "POST /v1/charges"'
        draft.report(path, "a service of http needs routes: it would know no request", hint)
    if not {"quota", "user_quota"} & set(written):
        for key in _OF_QUOTAS:
            if key in written:
                message = "is about what is over a quota, and there is none"
                draft.report((*path, key), message, 'write quota = "600/1m", or take this out')


def _check_errors(draft: Draft, path: Path, dependency: Dependency) -> None:
    for index, one in enumerate(dependency.errors):
        here = (*path, "errors", index)
        if not draft.damaged((*here, "ratio")):
            check_share(draft, (*here, "ratio"), one.ratio)
        check_status(draft, (*here, "status"), one.status, least=400)
        check_retry_after(draft, (*here, "retry_after"), one.retry_after)
    total = sum(one.ratio for one in dependency.errors)
    if len(dependency.errors) > 1 and total > 1 + 1e-9 and not draft.damaged((*path, "errors")):
        message = f"are shares of {total:g} in all; no more than all requests, 1, can fail"
        draft.report((*path, "errors"), message)


def _check_policy(draft: Draft, path: Path, policy: Policy) -> None:
    if policy.attempts is not None and policy.attempts < 1:
        draft.report((*path, "attempts"), f"is {policy.attempts}; it must be 1 or more")
    if not draft.written_keys(*path):
        draft.report(path, "says nothing", 'write policy = { attempts = 3, gap = "100ms" }')


def _check_log(
    draft: Draft, path: Path, log: str, taken: dict[PurePosixPath, str], name: str
) -> None:
    file = PurePosixPath(log)
    if file.suffix not in _OF_LOGS:
        message = f'"{log}" does not end in {" or ".join(_OF_LOGS)}, as logs do'
        draft.report(path, message, f'write log = "{name}.jsonl"')
    elif not file.name or file.is_absolute() or ".." in file.parts or _leads_away(log):
        message = f'"{log}" is not a file below the folder where wedload is started'
        draft.report(path, message, f'write log = "{name}.jsonl"')
    elif file in taken:
        message = f"the dependency {taken[file]} is written there already"
        draft.report(path, message, f'write log = "{name}.jsonl"')
    taken.setdefault(file, name)


def _leads_away(log: str) -> bool:
    """Whether a path ends, by symbolic links, outside of the folder where wedload is started."""
    try:
        place, here = os.path.realpath(log), os.path.realpath(".")
    except ValueError:  # NUL
        return True
    return not PurePosixPath(place).is_relative_to(here)

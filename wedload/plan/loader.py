"""A plan file to a checked `Plan`, or to all that is wrong with it, each with file and line.

The order: text, TOML, `--set`, keys (structure), values (validation), data files (feeders), files
that requests send (attachments), and what the plan names (checks). Only the first two stop at their
first problem; the others go on with what is sound.

pydantic and tomli are imported here and below, never by the model: load processes get the finished
plan.
"""

from __future__ import annotations

import errno
import hashlib
import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson
import tomli

from wedload.bounded import read_bounded
from wedload.errors import PlanError, Problem
from wedload.plan.bodies import read_attachments
from wedload.plan.checks.every import check_references
from wedload.plan.code_files import code_digests
from wedload.plan.confinement import Folders
from wedload.plan.draft import Draft
from wedload.plan.fault_proxies import host_and_port
from wedload.plan.feeders import read_feeders
from wedload.plan.latency_files import read_latencies
from wedload.plan.overrides import apply_overrides
from wedload.plan.personal_data.checking import DataFindings, check_personal_data
from wedload.plan.plan_size import MOST_BYTES, require_size, require_steps
from wedload.plan.positions import Positions, find_positions
from wedload.plan.secrets.checking import check_credentials
from wedload.plan.structure import clean
from wedload.plan.tls_files import with_tls_files
from wedload.plan.toml_errors import hint_for
from wedload.plan.uses import step_lists
from wedload.plan.validation import build
from wedload.plan.verbs.base import sampled_steps
from wedload.units import format_size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wedload.plan.model import Plan
    from wedload.plan.positions import Path as KeyPath


@dataclass(frozen=True, slots=True)
class LoadedPlan:
    """A plan that is sound in itself, and where it comes from.

    `digest` is the SHA-256 (hex) of what will be driven: the plan after overrides and the contents
    of its data files. Comments and layout do not change it. `load_digest` is that of what makes up
    the load alone: it stays if only thresholds, names, monitoring or addresses change, so that runs
    can be compared.
    """

    plan: Plan
    file: str
    digest: str
    load_digest: str
    positions: Positions
    folders: Folders
    text: str = ""  # as it was read
    overrides: tuple[str, ...] = ()  # of `--set`
    data: DataFindings = field(default_factory=DataFindings)


def load_plan(
    path: str | Path,
    *,
    overrides: Sequence[str] = (),
    allow_files: Sequence[Path] = (),
    tell: Callable[[str], None] | None = None,
) -> LoadedPlan:
    """Read and check a plan file; `overrides` are texts such as `http.timeout=5s`.

    It may name files that lie in its folder or below, or below one of `allow_files`. `tell` is
    given a line now and then, if it takes longer than a second.

    Raises:
        PlanError: with every problem of the file.
    """
    file = str(path)
    if Path(path).exists() and not Path(path).is_file():
        raise PlanError([Problem(file, 0, "the plan cannot be read: this is not a file")])
    try:
        text = read_bounded(path, MOST_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        message = "this is not UTF-8 text, as TOML must be"
        raise PlanError([Problem(file, line, message, "save it as UTF-8")]) from None
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None) == errno.EFBIG:
            raise _too_long(file) from None
        reason = getattr(error, "strerror", None) or error
        raise PlanError([Problem(file, 0, f"the plan cannot be read: {reason}")]) from None
    base = Path(path).parent
    return parse_plan(
        text, file=file, base=base, overrides=overrides, allow_files=allow_files, tell=tell
    )


def parse_plan(
    text: str,
    *,
    file: str,
    base: Path,
    overrides: Sequence[str] = (),
    allow_files: Sequence[Path] = (),
    tell: Callable[[str], None] | None = None,
) -> LoadedPlan:
    """Check the text of a plan; `file` names it in messages, what it names is relative to `base`.

    Raises:
        PlanError: with every problem of it.
    """
    if len(text) > MOST_BYTES:
        raise _too_long(file)
    document = _read_toml(text, file)
    lines = _find_lines(text, file)
    sources, problems = apply_overrides(document, overrides)
    folders = Folders.of(base, allow_files)
    draft = Draft(document, Positions(file, lines, sources), folders, problems)
    draft.raw = _plain(draft, document, ())
    require_size(draft)
    plan = build(draft, clean(draft))
    if plan is None:
        check_credentials(draft, text, file)
        raise PlanError(draft.problems)
    require_steps(draft, plan)
    plan, data, hashes = _with_files(draft, plan, tell)
    check_references(draft, plan)
    check_credentials(draft, text, file)
    if draft.problems:
        raise PlanError(draft.problems)
    digest, load_digest = _digest(draft.raw, hashes), _digest(_load_of(draft.raw), hashes)
    return LoadedPlan(
        plan, file, digest, load_digest, draft.positions, folders, text, tuple(overrides), data
    )


def _with_files(
    draft: Draft, plan: Plan, tell: Callable[[str], None] | None
) -> tuple[Plan, DataFindings, dict[str, str]]:
    """The plan with what its files hold, what is to be told of them, and the SHA-256 of each."""
    feeders = read_feeders(draft, plan)
    files = read_attachments(draft, _sent_files(plan))
    plan = replace(
        plan,
        data={**plan.data, **{name: item.feeder for name, item in feeders.items()}},
        files=files,
    )
    plan, latencies = read_latencies(draft, plan)
    plan = with_tls_files(draft, plan)
    found = check_personal_data(draft, plan, feeders, files, tell)
    hashes = {name: item.digest for name, item in feeders.items()}
    hashes |= {f"file {name}": item.digest for name, item in files.items()} | latencies
    return plan, found, hashes | code_digests(plan, draft.folders)


def _too_long(file: str) -> PlanError:
    message = f"the plan is longer than {format_size(MOST_BYTES)}"
    hint = "put what is data into data files, and long bodies into body_file"
    return PlanError([Problem(file, 0, message, hint)])


def _sent_files(plan: Plan) -> Iterator[tuple[KeyPath, str]]:
    """Every file that steps send, and where the plan names it."""
    for path, steps in step_lists(plan):
        for index, step in enumerate(steps):
            for here, sampled in sampled_steps(step, (*path, index)):
                for below, file in sampled.sent_files():
                    yield (*here, *below), file


def _read_toml(text: str, file: str) -> dict[str, Any]:
    try:
        return tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        message = error.msg[:1].lower() + error.msg[1:]
        said = f"this is not valid TOML: {message}"
        problem = Problem(file, error.lineno, said, hint_for(error))
        raise PlanError([problem]) from None
    except RecursionError:
        raise PlanError([Problem(file, 0, "the plan is nested too deeply")]) from None
    except ValueError as error:  # e.g. a number of more than 4,300 digits
        raise PlanError([Problem(file, 0, f"this is not valid TOML: {error}")]) from None


def _find_lines(text: str, file: str) -> dict[KeyPath, int]:
    try:
        return find_positions(text)
    except RecursionError:
        raise PlanError([Problem(file, 0, "the plan is nested too deeply")]) from None


_DEEPEST: Final = 60  # far beyond any sensible JSON body; what follows recurses safely


def _plain(draft: Draft, value: Any, path: KeyPath) -> Any:
    """The document with only what JSON can say; dates and times become text."""
    if len(path) > _DEEPEST:
        draft.report(path[:1], f"is nested more than {_DEEPEST} levels deep")
        return None
    if isinstance(value, dict):
        return {key: _plain(draft, item, (*path, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(draft, item, (*path, index)) for index, item in enumerate(value)]
    if isinstance(value, float) and not math.isfinite(value):
        draft.report(path, f"{value} is not a number that JSON can hold")
        return 0.0
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        draft.report(path, "the number does not fit into 64 bits")
        return 0
    return value if isinstance(value, str | int | float) else value.isoformat()


#: what says how a run is called, judged, watched and swept up, but not what its load is
_NOT_LOAD: Final = frozenset(
    {
        "$schema",
        "benchmarks",
        "cleanup",
        "description",
        "monitoring",
        "name",
        "resources",
        "safety",
        "schema",
        "tracing",
    }
)
#: where a target is, how it is reached, and the most that it allows, as runs ask for less: a build
#: and its successor may be on different ports
_ADDRESS: Final = frozenset(
    {
        "allow_hosts", "base_url", "default", "environment", "hosts", "max_duration", "max_vus",
        "proxy", "tls",
    }
)  # fmt: skip
#: the same of a channel, and what it is only checked against
_ADDRESS_OF_CHANNEL: Final = frozenset({"expose", "limits", "listen", "public_url", "tls", "url"})
#: the same of a third party, and what is written of its requests
_ADDRESS_OF_DEPENDENCY: Final = frozenset({"expose", "listen", "log", "policy"})


def _load_of(document: dict[str, Any]) -> dict[str, Any]:
    """The part of a plan that makes up its load."""
    load = {key: value for key, value in document.items() if key not in _NOT_LOAD}
    load["targets"] = _without(document.get("targets", {}), _ADDRESS)
    if channels := document.get("channels"):
        load["channels"] = _without(channels, _ADDRESS_OF_CHANNEL)
    if dependencies := document.get("dependencies"):
        load["dependencies"] = _without(dependencies, _ADDRESS_OF_DEPENDENCY)
    if proxies := document.get("proxies"):
        load["proxies"] = {
            name: "" if host_and_port(proxy["upstream"]) else proxy["upstream"]
            for name, proxy in proxies.items()
        }
    if routes := document.get("routes"):
        load["routes"] = sorted(routes)  # where they lead is an address
    if databases := document.get("databases"):
        load["databases"] = _without(databases, frozenset({"dsn"}))
    return load


def _without(tables: dict[str, Any], keys: frozenset[str]) -> dict[str, Any]:
    return {
        name: {key: value for key, value in table.items() if key not in keys}
        for name, table in tables.items()
    }


def _digest(document: dict[str, Any], data: dict[str, str]) -> str:
    resolved = orjson.dumps([document, data], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(resolved).hexdigest()

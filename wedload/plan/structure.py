"""The keys of a plan: which may stand where, and that each step has one verb.

Takes a document as TOML has it and gives one of known keys only, in the spelling of the model
(`as` becomes `as_`). Values are checked later, by validation, and what they name by `plan/checks`.
"""

from __future__ import annotations

import dataclasses
import keyword
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from wedload.plan import (
    channels,
    cleanup,
    databases,
    fault_proxies,
    faults,
    model,
    monitoring,
    not_yet,
    resources,
    routes,
    third_parties,
    tracing,
)
from wedload.plan.expressions.expression import suggest
from wedload.plan.row_table import ROW_KEYS
from wedload.plan.verbs import TO_COME, VERBS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wedload.plan.draft import Draft
    from wedload.plan.positions import Path

#: takes the place of a step that could not be read, so that the others keep their number
PLACEHOLDER_STEP: Final = {"think": "0s"}
#: keys that the requests of a batch have in common
_OF_THE_BATCH: Final = ("when", "let", "group")
_BATCHED_HINT: Final = 'write batch = [{ http = "GET /a" }, { http = "GET /b" }]'
_STEP_KEYS_TO_COME: Final = not_yet.KEYS["step"].union(*TO_COME.values())
_NOT_KEYS: Final = {"files", "rows"}  # fields of the model that no file may give


def field_of(key: str) -> str:
    """The model's name for a key: a word of Python's own has a `_` behind it."""
    return f"{key}_" if keyword.iskeyword(key) else key


def keys_of(of: type) -> list[str]:
    """The keys that a table of this model may have, as a plan writes them."""
    names = [item.name for item in dataclasses.fields(of)]
    return [name.removesuffix("_") for name in names if name not in _NOT_KEYS]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of table: its model, and which of its keys hold tables again, in which shape."""

    name: str
    model: type
    table: dict[str, Kind] = field(default_factory=dict)  # key = table
    tables: dict[str, Kind] = field(default_factory=dict)  # key = { name = table }
    rows: dict[str, Kind] = field(default_factory=dict)  # key = [table]
    one_or_many: frozenset[str] = frozenset()  # of `rows`: those where one table stands for a list


_TARGET: Final = Kind("target", model.Target, table={"tls": Kind("tls", model.Tls)})
_SCENARIO: Final = Kind("scenario", model.Scenario, rows={"stages": Kind("stage", model.Stage)})
_CHANNEL: Final = Kind(
    "channel",
    channels.Channel,
    table={
        "signature": Kind("signature", channels.Signature),
        "tls": Kind("certificate", channels.Certificate),
        "limits": Kind("limits", channels.Limits),
    },
    rows={
        "answers": Kind("answer", channels.Answer),
        "changes": Kind("changes", channels.Changes),
    },
)
_DEPENDENCY: Final = Kind(
    "dependency",
    third_parties.Dependency,
    table={"policy": Kind("policy", third_parties.Policy)},
    rows={
        "errors": Kind("errors", third_parties.Errors),
        "routes": Kind("route", third_parties.Route),
    },
    one_or_many=frozenset({"errors"}),
)
_FAULT: Final = Kind("fault", faults.Fault, table={"slicer": Kind("slicer", faults.Slicer)})
_MONITORING: Final = Kind(
    "monitoring",
    monitoring.Monitoring,
    table={
        "prometheus": Kind("prometheus", monitoring.Prometheus),
        "otlp": Kind("otlp", monitoring.Otlp),
        "alertmanager": Kind("alertmanager", monitoring.Alertmanager),
        "grafana": Kind("grafana", monitoring.Grafana),
    },
    rows={"notify": Kind("notification", monitoring.Notification)},
    one_or_many=frozenset({"notify"}),
)
PLAN: Final = Kind(
    "plan",
    model.Plan,
    table={
        "http": Kind("http", model.HttpDefaults),
        "secrets": Kind("secrets", model.Secrets),
        "cleanup": Kind("cleanup", cleanup.Cleanup),
        "safety": Kind("safety", model.Safety),
        "tracing": Kind("tracing", tracing.Tracing),
        "resources": Kind("resources", resources.Resources),
        "monitoring": _MONITORING,
    },
    tables={
        "targets": _TARGET,
        "identities": Kind("identity", model.Identity),
        "data": Kind("feeder", model.Feeder),
        "scenarios": _SCENARIO,
        "channels": _CHANNEL,
        "dependencies": _DEPENDENCY,
        "databases": Kind("database", databases.Database),
        "proxies": Kind("proxy", fault_proxies.FaultProxy),
        "routes": Kind("gateway route", routes.GatewayRoute),
    },
    rows={"faults": _FAULT},
)


def clean(draft: Draft) -> dict[str, Any]:
    """The document without what no plan of this version has; every such thing is reported."""
    document: dict[str, Any] = _table(draft, PLAN, draft.raw, ())
    for key in ("setup", "teardown"):
        if isinstance(steps := document.get(key), list):
            document[key] = _steps(draft, steps, (key,))
    if isinstance(workflows := document.get("workflows"), dict):
        document["workflows"] = {
            name: _steps(draft, steps, ("workflows", name)) if isinstance(steps, list) else steps
            for name, steps in workflows.items()
        }
    if isinstance(rows := document.get("benchmarks"), dict):
        document["benchmarks"] = _rows(draft, rows)
    return document


def _rows(draft: Draft, rows: dict[str, Any]) -> dict[str, Any]:
    """Benchmark rows: texts, or tables of known keys."""
    known = list(ROW_KEYS)
    return {
        name: _known(draft, row, known, (), ("benchmarks", name)) if isinstance(row, dict) else row
        for name, row in rows.items()
    }


def _table(draft: Draft, kind: Kind, value: Any, path: Path) -> Any:
    if not isinstance(value, dict):
        return value  # pydantic says what it should be
    out = _known(draft, value, keys_of(kind.model), not_yet.KEYS.get(kind.name, frozenset()), path)
    for key, inner in kind.table.items():
        if key in out:
            out[key] = _table(draft, inner, out[key], (*path, key))
    for key, inner in kind.tables.items():
        if isinstance(named := out.get(key), dict):
            out[key] = {
                name: _table(draft, inner, item, (*path, key, name)) for name, item in named.items()
            }
    for key, inner in kind.rows.items():
        if key in kind.one_or_many and isinstance(out.get(key), dict):
            draft.alone.add((*path, key))
            out[key] = [_table(draft, inner, out[key], (*path, key))]
        elif isinstance(items := out.get(key), list):
            out[key] = [
                _table(draft, inner, item, (*path, key, index)) for index, item in enumerate(items)
            ]
    return {field_of(key): item for key, item in out.items()}


def _known(
    draft: Draft, table: dict[str, Any], known: list[str], to_come: Iterable[str], path: Path
) -> dict[str, Any]:
    """The known keys of a table; the others are reported."""
    out = {}
    for key, value in table.items():
        if key in known:
            out[key] = value
            continue
        draft.pruned.add((*path, key))
        if key in to_come:
            draft.report((*path, key), not_yet.not_driven(f"`{key}`"), "take it out of the plan")
        else:
            near = suggest(key, known, lead="did you mean ")
            draft.report(
                (*path, key), f"there is no key `{key}` here", near or f"known: {', '.join(known)}"
            )
    return out


def _steps(draft: Draft, steps: list[Any], path: Path) -> list[Any]:
    return [_step(draft, step, (*path, index)) for index, step in enumerate(steps)]


def _step(draft: Draft, step: Any, path: Path) -> Any:
    if not isinstance(step, dict):
        draft.report(path, "expected a step, which is a table: [[workflows.NAME]]")
        return _replaced(draft, path)
    verbs = [key for key in step if key in VERBS or key in TO_COME]
    driven = ", ".join(VERBS)
    if not verbs:
        near = [name for key in step if (name := suggest(key, VERBS, lead=""))]
        hint = f"did you mean {near[0].rstrip('?')}?" if near else None
        draft.report(path, f"the step has no verb; it needs exactly one of {driven}", hint)
        return _replaced(draft, path)
    if len(verbs) > 1:
        draft.report(
            path,
            f"the step has {len(verbs)} verbs ({', '.join(verbs)}); it needs exactly one",
            "make them steps of their own",
        )
        return _replaced(draft, path)
    if verbs[0] in TO_COME:
        draft.report((*path, verbs[0]), not_yet.not_driven(f"the verb `{verbs[0]}`"))
        return _replaced(draft, path)
    return _keys_of_step(draft, step, verbs[0], path)


def _batched(draft: Draft, request: Any, path: Path) -> Any:
    """A request of a batch: an http step without what only the batch as a whole can have."""
    if not isinstance(request, dict) or "http" not in request:
        draft.report(path, "expected a request, which is a table with http", _BATCHED_HINT)
        draft.pruned.add(path)
        return {"http": "GET /"}
    own = {}
    for key, value in request.items():
        if key in _OF_THE_BATCH:
            draft.pruned.add((*path, key))
            draft.report((*path, key), f"`{key}` belongs to the batch, not to one request of it")
        else:
            own[key] = value
    return _keys_of_step(draft, own, "http", path)


def _replaced(draft: Draft, path: Path) -> dict[str, str]:
    draft.pruned.add(path)
    return dict(PLACEHOLDER_STEP)


def _keys_of_step(draft: Draft, step: dict[str, Any], verb: str, path: Path) -> dict[str, Any]:
    known = keys_of(VERBS[verb])
    # of several verbs that have a key, the first is named
    elsewhere = {key: name for name, of in reversed(VERBS.items()) for key in keys_of(of)}
    own = {}
    for key, value in step.items():
        if key not in known and key in elsewhere:
            draft.pruned.add((*path, key))
            draft.report(
                (*path, key),
                f"`{key}` belongs to steps with `{elsewhere[key]}`, and this one has `{verb}`",
            )
        else:
            own[key] = value
    out = _known(draft, own, known, _STEP_KEYS_TO_COME, path)
    if isinstance(requests := out.get("batch"), list):
        out["batch"] = [
            _batched(draft, item, (*path, "batch", index)) for index, item in enumerate(requests)
        ]
    return {field_of(key): value for key, value in out.items()}

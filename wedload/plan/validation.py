"""A cleaned document to a `Plan`: types and values, checked by pydantic, said in plain words.

Imported by the loader and by what prints the schema, never by the model: load processes have no
pydantic.
"""

from __future__ import annotations

import copy
from ast import literal_eval
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import orjson
from pydantic import TypeAdapter, ValidationError

from wedload.plan import model, not_yet
from wedload.plan.expressions.expression import suggest, type_name
from wedload.plan.parsing import FieldError
from wedload.plan.positions import dotted
from wedload.plan.structure import PLACEHOLDER_STEP, field_of, keys_of
from wedload.plan.verbs import VERBS

if TYPE_CHECKING:
    from wedload.plan.draft import Draft
    from wedload.plan.positions import Path

#: stands in for a value that was wrong or missing where there must be one
_PLACEHOLDERS: Final[dict[str, Any]] = {
    "schema": 1, "name": "", "targets": {}, "scenarios": {}, "workflows": {},
    "executor": "ramping-vus", "file": "", "duration": "0s", "target": 0,
    "key": "''", "scheme": "none", "cert": "",
    "simulate": "http", "ratio": 1.0, "upstream": "sandbox", "dsn": "sqlite:///file.db",
    "via": "http://127.0.0.1:9",
    "on": [], "at": "0s", "for": "1s", "size": "1B",
    **{verb: step.placeholder for verb, step in VERBS.items()},
}  # fmt: skip
_EXPECTED: Final = {
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "dict_type": "a table",
    "dataclass_type": "a table",
    "tuple_type": "a list",
    "list_type": "a list",
}
#: where steps stand -> how long the path of a step is
_STEP_AT: Final[dict[str | int, int]] = {"workflows": 3, "setup": 2, "teardown": 2}
#: names of the model -> keys of a plan
_SPELT: Final[dict[str | int, str]] = {field_of(key): key for key in ("as", "for", *VERBS)}
#: where tables of a kind stand -> keys below its name or number that the model has no default for
_NEEDED: Final[dict[str | int, tuple[Path, ...]]] = {
    "channels": (("key",), ("signature", "scheme"), ("tls", "cert"), ("tls", "key")),
    "dependencies": (("simulate",), ("errors", "ratio"), ("routes", "http")),
    "proxies": (("upstream",),),
    "routes": (("via",),),
    "databases": (("dsn",),),
    "faults": (("name",), ("on",), ("at",), ("for",), ("slicer", "size")),
}
#: tables in lists -> what takes the place of one that could not be read; as the model has keys
_ROWS: Final[dict[str, dict[str, Any]]] = {
    "stages": {"duration": "0s", "target": 0},
    "answers": {}, "changes": {},
    "errors": {"ratio": 1.0},
    "routes": {"http": "GET /"},
    "faults": {"name": "", "on": [], "at": "0s", field_of("for"): "1s"},
}  # fmt: skip
_MOST_ROUNDS: Final = 8  # each takes out what the last one found; the model is not deeper


@cache
def plan_adapter() -> TypeAdapter[model.Plan]:
    """Pydantic's view of the model."""
    return TypeAdapter(model.Plan)


def build(draft: Draft, document: dict[str, Any]) -> model.Plan | None:
    """The plan, without what is wrong with it: this is reported; None if nothing can be built."""
    document = copy.deepcopy(document)
    for attempt in range(_MOST_ROUNDS):
        try:
            return plan_adapter().validate_json(orjson.dumps(document), strict=True)
        except ValidationError as invalid:
            for error in invalid.errors(include_url=False, include_input=True):
                _handle(draft, document, error, report=attempt == 0)
    return None


def _handle(draft: Draft, document: dict[str, Any], error: Any, *, report: bool) -> None:
    path = _path(document, tuple(error["loc"]))
    if path is None:
        return
    if report:
        _report(draft, path, error)
    draft.pruned.add(draft.placed(path))
    _take_out(document, path, draft)


def _path(document: dict[str, Any], loc: Path) -> Path | None:
    """The path of an error, without pydantic's label of a step's model; None: another model's."""
    at = _STEP_AT.get(loc[0], 0) if loc else 0
    if not at or len(loc) <= at:
        spelt = loc and loc[0] in {"cleanup", "faults"}  # names of other tables are free
        return tuple(_SPELT.get(part, part) for part in loc) if spelt else loc
    step = document
    for part in loc[:at]:
        step = step[part]  # type: ignore[index]
    verb = next(verb for verb in VERBS if field_of(verb) in step)
    if loc[at] != VERBS[verb].__name__:
        return None
    inside = loc[at + 1 :]
    # only steps, and requests of a batch, have these keys
    return (*loc[:at], *(_SPELT.get(part, part) for part in inside))


def _report(draft: Draft, path: Path, error: Any) -> None:
    kind, found = error["type"], error["input"]
    if kind == "value_error":
        reason = error["ctx"]["error"]
        if isinstance(reason, FieldError):
            for inner, message in reason.found:
                draft.report((*path, *inner), message)
        else:
            draft.report(path, str(reason))
    elif kind == "missing":
        key = str(path[-1])
        below = [part for part in path[-3:-1] if isinstance(part, str)]
        hints = (_HINTS.get(f"{place}.{key}") for place in (*below[::-1], path[0]))
        hint = next(filter(None, hints), None) or _HINTS.get(key)
        draft.report(path[:-1], f"`{key}` is missing", hint)
    elif kind == "literal_error":
        draft.report(path, *_choice(path, error))
    else:
        expected = _EXPECTED.get(kind, "something else")
        tables = kind == "tuple_type" and isinstance(found, dict) and _holds_tables(path)
        hint = f"write [[{dotted(path)}]], with two brackets" if tables else None
        draft.report(path, f"expected {expected}, found {_shown(found)}", hint)


def _holds_tables(path: Path) -> bool:
    """Whether a list of steps, faults or routes belongs at a path."""
    if path[0] == "dependencies":
        return path[2:] == ("routes",)
    return path == ("faults",) or _STEP_AT.get(path[0]) == len(path) + 1


_HINTS: Final = {
    "schema": "write schema = 1 at the top",
    "name": 'write name = "what this plan is for" at the top',
    "targets": "write [targets.sandbox] with sandbox = true, or a base_url",
    "scenarios": "write [scenarios.NAME] with an executor and a workflow",
    "workflows": "write [[workflows.NAME]], once for each step",
    "executor": 'write executor = "ramping-vus", or another: constant-vus, constant-arrival-rate …',
    "file": 'write file = "rows.csv"',
    "key": 'write key = "json.id", or where else a message says what it is about',
    "scheme": 'write scheme = "standard-webhooks", or another: stripe, github, none',
    "tls.cert": 'write cert = "receiver.pem"',
    "tls.key": 'write key = "receiver.key"',
    "dependencies.simulate": 'write simulate = "http", or another: google-calendar, email',
    "errors.ratio": "write ratio = 0.01, the share of requests that get it",
    "routes.http": 'write http = "POST /v1/charges"',
    "proxies.upstream": 'write upstream = "127.0.0.1:5432", "sandbox" or "dependency:NAME"',
    "routes.via": 'write via = "http://127.0.0.1:10000", where the gateway is',
    "databases.dsn": 'write dsn = "${env.WEDLOAD_PG_DSN}", or sqlite:///file.db',
    "faults.name": 'write name = "calendar outage"',
    "faults.on": 'write on = "calendar": a dependency, a proxy, or "sandbox.database" …',
    "faults.at": 'write at = "3m", from the begin of the load',
    "faults.for": 'write for = "1m"',
    "slicer.size": 'write size = "64B"',
}


def choices_in(listed: str) -> tuple[Any, ...]:
    """The choices that pydantic lists for people: `'a', 'b' or 'c'`."""
    found: tuple[Any, ...] = literal_eval(f"({listed.replace(' or ', ', ')},)")
    return found


def _choice(path: Path, error: Any) -> tuple[str, str | None]:
    key, found = str(path[-1]), error["input"]
    known = choices_in(error["ctx"]["expected"])
    if isinstance(found, str) and found in not_yet.VALUES.get(key, ()):
        return not_yet.not_driven(f'{key} = "{found}"'), f"known: {', '.join(map(str, known))}"
    texts = [item for item in known if isinstance(item, str)]
    near = suggest(found, texts, lead="did you mean ") if isinstance(found, str) else ""
    listed = ", ".join(f'"{item}"' if isinstance(item, str) else str(item) for item in known)
    return f"{_shown(found)} is not known here; known: {listed}", near or None


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 60 else f'"{value[:60]}…"'
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"the number {value}"
    if isinstance(value, bool):
        return str(value).lower()
    return {"an object": "a table"}.get(type_name(value), type_name(value))


def _take_out(document: dict[str, Any], path: Path, draft: Draft) -> None:
    """Remove a value, or put a harmless one where there must be one."""
    if not path:
        return
    holder: Any = document
    for part in path[:-1]:
        holder = holder[part]
    key: Any = path[-1]
    if isinstance(key, str) and isinstance(holder, dict) and field_of(key) in holder:
        key = field_of(key)
    if isinstance(holder, list):
        _replace_row(holder, key, path, draft)
    elif path[-1] in _PLACEHOLDERS and _required(path):
        holder[field_of(str(path[-1]))] = copy.deepcopy(_PLACEHOLDERS[str(path[-1])])
    elif isinstance(holder, dict):
        holder.pop(key, None)


def _required(path: Path) -> bool:
    """Whether the model has no default for this key."""
    head = path[0]
    if len(path) == 1:
        return head in keys_of(model.Plan)
    if head == "scenarios":
        return path[2:] == ("executor",) or len(path) == 5  # a stage's duration and target
    if head in _NEEDED:
        below = path[2:]  # behind a name, or the number of a fault
        return tuple(part for part in below if isinstance(part, str)) in _NEEDED[head]
    return head in {"workflows", "setup", "teardown", "data"} and len(path) >= 3


def _replace_row(rows: list[Any], index: int, path: Path, draft: Draft) -> None:
    if path[0] in {"workflows", "setup", "teardown"}:
        rows[index] = dict(PLACEHOLDER_STEP)
    elif (known := path[-2]) in _ROWS and path[0] in {"scenarios", *_NEEDED}:
        rows[index] = dict(_ROWS[str(known)])
    else:  # a list of plain values: what stays keeps no number of its own
        draft.pruned.add(path[:-1])
        rows[index] = ""

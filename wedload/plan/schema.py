"""The JSON Schema of plans, with which editors complete and check them while they are written.

It says which keys and types there are; what only the loader can know (names that must exist,
expressions) it leaves to `wedload check`.
"""

from __future__ import annotations

from typing import Any, Final

from wedload.plan.descriptions import DESCRIPTIONS
from wedload.plan.validation import plan_adapter

_TITLE: Final = "Plan of the load tester wedload"


def plan_schema() -> dict[str, Any]:
    """The schema (JSON Schema, draft 2020-12) of a plan as TOML has it."""
    raw = plan_adapter().json_schema()
    definitions = {name: _definition(name, item) for name, item in raw.pop("$defs").items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_definition("Plan", raw),
        "title": _TITLE,
        "$defs": definitions,
    }


def _definition(name: str, definition: dict[str, Any]) -> dict[str, Any]:
    """A table with the keys that a plan may write, each described."""
    written = {key.removesuffix("_"): value for key, value in definition["properties"].items()}
    properties = {
        key: _described(written[key], meaning, default)
        for key, (meaning, default) in DESCRIPTIONS[name].items()
    }
    needed = [key.removesuffix("_") for key in definition.get("required", ())]
    required = {"required": needed} if needed else {}
    return {**definition, "properties": properties, **required}


def _described(item: dict[str, Any], meaning: str, default: Any) -> dict[str, Any]:
    """One key: what pydantic knows of its type, without its own title, default and null."""
    alternatives = [other for other in item.get("anyOf", ()) if other != {"type": "null"}]
    if len(alternatives) == 1 and len(item["anyOf"]) == 2:
        item = alternatives[0]
    kept = {key: value for key, value in item.items() if key not in {"title", "default"}}
    described = {**kept, "description": meaning}
    return described if default is None else {**described, "default": default}

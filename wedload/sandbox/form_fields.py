"""What a form may ask, and whether an answer fits it. Pure: no HTTP, no database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .validation import Problems

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = ("text", "number", "select", "textarea")
MOST_FIELDS = 100
MOST_OPTIONS = 200
LONGEST_NAME = 100
LONGEST_LABEL = 500
LONGEST_ANSWER = {"text": 1_000, "textarea": 20_000}

_KEYS = frozenset({"name", "label", "type", "required", "options"})

Field = dict[str, Any]


def check_fields(value: object, problems: Problems) -> list[Field]:
    """The fields of a new form, as they are stored; what is wrong goes to `problems`."""
    if not isinstance(value, list):
        problems.add("fields", "missing" if value is None else "must be a list")
        return []
    if not 1 <= len(value) <= MOST_FIELDS:
        problems.add("fields", f"must have 1 to {MOST_FIELDS} entries")
        return []
    names: set[str] = set()
    for index, field in enumerate(value):
        at = f"fields[{index}]"
        if not isinstance(field, dict):
            problems.add(at, "must be an object")
            continue
        _check_field(field, f"{at}.", problems)
        name = field.get("name")
        if isinstance(name, str):
            if name in names:
                problems.add(f"{at}.name", f"duplicate of an earlier field: {name}")
            names.add(name)
    return value


def _check_field(field: Field, at: str, problems: Problems) -> None:
    problems.unknown_keys(field, _KEYS, at)
    problems.text(field, "name", LONGEST_NAME, at)
    problems.text(field, "label", LONGEST_LABEL, at)
    kind = field.get("type")
    if kind not in KINDS:
        problems.add(
            f"{at}type", "missing" if kind is None else f"must be one of {', '.join(KINDS)}"
        )
    if not isinstance(field.get("required"), bool):
        problems.add(f"{at}required", "must be true or false" if "required" in field else "missing")
    if kind == "select":
        _check_options(field.get("options"), f"{at}options", problems)
    elif "options" in field and kind in KINDS:
        problems.add(f"{at}options", "only a select has options")


def _check_options(options: object, at: str, problems: Problems) -> None:
    if not isinstance(options, list) or not 1 <= len(options) <= MOST_OPTIONS:
        problems.add(at, f"a select needs a list of 1 to {MOST_OPTIONS} options")
    elif not all(isinstance(option, str) and option.strip() for option in options):
        problems.add(at, "each option must be a string that is not empty")
    elif len(set(options)) != len(options):
        problems.add(at, "the options contain a duplicate")


def check_responses(fields: list[Field], responses: Mapping[str, Any]) -> None:
    """Whether `responses` answers every field it must, and each in the field's kind.

    Raises:
        ApiError: 422, naming each wrong response by `responses.<field name>`.
    """
    problems = Problems()
    problems.unknown_keys(responses, {field["name"] for field in fields}, "responses.")
    for field in fields:
        at = f"responses.{field['name']}"
        value = responses.get(field["name"])
        if value is None or value == "":
            if field["required"]:
                problems.add(at, "required")
            continue
        if wrong := _mismatch(field, value):
            problems.add(at, wrong)
    problems.finish()


def _mismatch(field: Field, value: object) -> str:
    """What keeps `value` from answering `field`; "" if nothing does."""
    kind = field["type"]
    if kind == "number":
        # In Python, though not in JSON, true is a kind of 1.
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return "" if is_number else "must be a number"
    if kind == "select":
        return "" if value in field["options"] else "must be one of the field's options"
    if not isinstance(value, str):
        return "must be a string"
    if field["required"] and not value.strip():
        return "required"
    longest = LONGEST_ANSWER[kind]
    return "" if len(value) <= longest else f"must have at most {longest} characters"

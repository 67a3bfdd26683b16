"""The JSON Schema that editors get says what the loader says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal, get_args, get_origin, get_type_hints

import pytest

from wedload.plan import model, validation
from wedload.plan.descriptions import DESCRIPTIONS
from wedload.plan.schema import plan_schema
from wedload.plan.structure import keys_of

MODELS = {
    item.__name__: item
    for item in vars(model).values()
    if isinstance(item, type) and hasattr(item, "__dataclass_fields__")
    and item.__module__ == model.__name__ and item.__name__ != "StepBase"
}  # fmt: skip
REFERENCE = Path(__file__).parents[3] / "docs" / "plan-reference.md"


@pytest.mark.parametrize("name", sorted(MODELS))
def test_every_key_is_described_and_no_other(name):
    assert sorted(DESCRIPTIONS[name]) == sorted(keys_of(MODELS[name]))


@pytest.mark.parametrize("name", sorted(MODELS))
def test_every_key_is_explained_in_the_reference(name):
    text = REFERENCE.read_text(encoding="utf-8")

    assert [key for key in keys_of(MODELS[name]) if f"`{key}`" not in text] == []


def test_schema_is_plain_json_and_closed_to_unknown_keys():
    schema = plan_schema()

    assert json.loads(json.dumps(schema)) == schema
    assert schema["additionalProperties"] is False
    assert all(item["additionalProperties"] is False for item in schema["$defs"].values())


def test_step_is_one_of_the_verbs_and_has_the_key_as():
    schema = plan_schema()

    steps = schema["properties"]["setup"]["items"]["anyOf"]
    assert [item["$ref"] for item in steps] == [
        "#/$defs/HttpStep", "#/$defs/ThinkStep", "#/$defs/UseStep", "#/$defs/BatchStep",
    ]  # fmt: skip
    assert "as" in schema["$defs"]["HttpStep"]["properties"]
    assert "as_" not in schema["$defs"]["HttpStep"]["properties"]
    assert schema["$defs"]["HttpStep"]["required"] == ["http"]


def test_defaults_are_written_as_in_a_plan():
    defaults = plan_schema()["$defs"]["HttpDefaults"]["properties"]

    assert defaults["timeout"]["default"] == "10s"
    assert defaults["max_response"]["default"] == "64MB"


def test_what_is_loaded_is_no_key():
    assert "rows" not in plan_schema()["$defs"]["Feeder"]["properties"]


def test_first_example_of_the_reference_is_a_plan(load):
    text = REFERENCE.read_text(encoding="utf-8")

    example = text.split("```toml\n")[1].split("```")[0]

    assert load(example).plan.name == "forms"


def test_every_choice_of_the_model_is_known_to_the_messages():
    hints = {name: get_type_hints(of) for name, of in MODELS.items()}
    choices = {
        key: get_args(hint)
        for keys in hints.values()
        for key, hint in keys.items()
        if get_origin(hint) is Literal
    }

    assert choices == validation.CHOICES

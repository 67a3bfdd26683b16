"""The JSON Schema that editors get says what the loader says."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Literal, get_args, get_origin, get_type_hints

import jsonschema
import pytest
import tomli
from pydantic import TypeAdapter, ValidationError

from tests.helpers.channel_plans import WITH_CHANNELS
from tests.helpers.places import ROOT
from tests.helpers.plans import SMALLEST
from tests.helpers.third_party_plans import WITH_THIRD_PARTIES
from wedload.plan import (
    channels,
    databases,
    fault_proxies,
    faults,
    latency,
    metric,
    model,
    monitoring,
    third_parties,
    validation,
)
from wedload.plan.descriptions import DESCRIPTIONS
from wedload.plan.schema import plan_schema
from wedload.plan.structure import keys_of
from wedload.plan.verbs import VERBS
from wedload.plan.verbs.await_ import Await
from wedload.plan.verbs.publish import Publish

OF_TABLES = (model, channels, third_parties, fault_proxies, faults, databases, monitoring)
MODELS = {
    item.__name__: item
    for item in (*(item for one in OF_TABLES for item in vars(one).values()), *VERBS.values())
    if hasattr(item, "__pydantic_config__")
}
REFERENCE = ROOT / "docs" / "plan-reference.md"


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
        "#/$defs/WsStep", "#/$defs/AwaitStep", "#/$defs/PublishStep", "#/$defs/PythonStep",
        "#/$defs/SqlStep",
    ]  # fmt: skip
    assert "as" in schema["$defs"]["HttpStep"]["properties"]
    assert "as_" not in schema["$defs"]["HttpStep"]["properties"]
    assert schema["$defs"]["HttpStep"]["required"] == ["http"]


def test_a_verb_that_is_a_word_of_python_is_written_as_plans_have_it():
    definition = plan_schema()["$defs"]["AwaitStep"]

    assert definition["required"] == ["await"]
    assert "await_" not in definition["properties"]


def test_editors_are_told_the_keys_of_what_is_awaited_and_published():
    definitions = plan_schema()["$defs"]
    awaited = definitions["AwaitStep"]["properties"]["await"]
    published = definitions["PublishStep"]["properties"]["publish"]

    assert list(awaited["properties"]) == [item.name for item in fields(Await)]
    assert set(published["properties"]) == {item.name for item in fields(Publish)}
    assert awaited["required"] == ["channel", "key"]
    assert published["required"] == ["channel", "payload", "key"]
    assert awaited["additionalProperties"] is published["additionalProperties"] is False


WHOLE = [SMALLEST, WITH_CHANNELS, WITH_THIRD_PARTIES]
WHOLE += [plan.read_text(encoding="utf-8") for plan in sorted((ROOT / "plans").glob("*.toml"))]


@pytest.mark.parametrize("text", WHOLE, ids=range(len(WHOLE)))
def test_editors_find_nothing_wrong_with_a_plan_that_is_right(text):
    jsonschema.validate(tomli.loads(text), plan_schema())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("user_quota = ", "user_qota = "),
        ('simulate = "email"', 'simulate = "mail"'),
        ("ratio = 0.02", 'ratio = "2%"'),
        ("errors = { status = 503, ratio = 0.01 }", "errors = [{ status = 503 }]"),
        ('for = "30s"', "for = 30"),
        ('for = "30s"', ""),
        ('["db", "sandbox.database"]', "[1]"),
        ('size = "64B"', 'siz = "64B"'),
        ('direction = "both"', 'direction = "bth"'),
        ('upstream = "dependency:mail"', ""),
    ],
)
def test_editors_find_a_mistake_in_third_parties_and_faults(old, new):
    assert WITH_THIRD_PARTIES.count(old) == 1

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomli.loads(WITH_THIRD_PARTIES.replace(old, new)), plan_schema())


def test_one_table_may_stand_for_a_list_of_errors():
    errors = plan_schema()["$defs"]["Dependency"]["properties"]["errors"]

    assert errors["anyOf"] == [
        {"$ref": "#/$defs/Errors"},
        {"items": {"$ref": "#/$defs/Errors"}, "type": "array"},
    ]


def test_a_key_that_is_a_word_of_python_is_written_as_plans_have_it():
    definition = plan_schema()["$defs"]["Fault"]

    assert definition["required"] == ["name", "on", "at", "for"]
    assert list(definition["properties"])[:4] == ["name", "on", "at", "for"]


def test_every_table_of_third_parties_and_faults_is_known_to_editors():
    definitions = plan_schema()["$defs"]

    assert {"Dependency", "Errors", "Route", "Policy", "FaultProxy", "Fault", "Slicer"} <= {
        *definitions
    }


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


def test_the_choices_that_a_message_lists_are_those_of_the_model():
    hints = [
        hint
        for of in MODELS.values()
        for hint in get_type_hints(
            of, localns={**vars(metric), **vars(model), **vars(latency)}
        ).values()
    ]
    choices = [hint for hint in hints if get_origin(hint) is Literal]

    assert len(choices) > 5
    for one in choices:
        with pytest.raises(ValidationError) as caught:
            TypeAdapter(one).validate_python("none of them", strict=True)
        (error,) = caught.value.errors()
        assert validation.choices_in(error["ctx"]["expected"]) == get_args(one)

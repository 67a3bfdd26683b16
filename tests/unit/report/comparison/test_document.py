"""A comparison for a program."""

from __future__ import annotations

import json

import jsonschema
import pytest

from wedload.report.comparison.document import as_json, comparison_schema


def test_json_has_everything_and_a_schema_of_its_own(make):
    document = json.loads(as_json(make()))

    assert document["schema"] == "wedload.comparison/1"
    assert document["outcome"] == "regression"
    row = document["rows"][0]
    assert row["sentence"] == "submit form p95 +18 % (12–25 %), 412 → 486 ms"
    assert (row["interval"], row["level"], row["p"], row["blocks"]) == (
        [0.12, 0.25],
        0.99,
        0.0001,
        22,
    )
    assert document["settings"]["margin"] == 0.05
    assert document["base"]["runs"][0]["started_at"] == "2027-06-19T12:00:00Z"


@pytest.mark.parametrize("rows", [None, ()])
def test_the_document_fits_its_schema(make, rows):
    schema = comparison_schema()
    document = json.loads(as_json(make() if rows is None else make(rows, "inconclusive")))

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document | {"outcome": "maybe"}, schema)

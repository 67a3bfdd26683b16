"""Responses as checks and captures read them: a hostile body has no value, and ends nothing."""

from __future__ import annotations

import pytest

from wedload.plan.expressions.expression import EVALUATION_ERRORS
from wedload.protocols.http.response import Response


def test_json_that_is_nested_without_sense_has_no_value():
    response = Response(1)
    response.body = b'{"a":' * 700 + b"1" + b"}" * 700

    with pytest.raises(EVALUATION_ERRORS, match="nested more than 254 levels"):
        _ = response.json


def test_comparing_what_is_nested_too_deeply_is_no_defect():
    deep: list[object] = []
    other: list[object] = []
    for _ in range(5_000):
        deep, other = [deep], [other]

    with pytest.raises(EVALUATION_ERRORS):
        assert deep == other

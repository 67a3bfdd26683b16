"""What a result keeps of the parameters of the query that it explains."""

from __future__ import annotations

import orjson
import pytest

from wedload.run.explaining import _short


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("name", "name"),
        (17, 17),
        ([1, {"a": None}], [1, {"a": None}]),
        (2**70, str(2**70)),
        ([2**70], f"[{2**70}]"),
        ("x" * 300, "x" * 200 + "…"),
        (10**300, "1" + "0" * 199 + "…"),
    ],
)
def test_parameters_are_kept_as_a_result_can_have_them(value, kept):
    (found,) = _short([value])
    assert found == kept
    assert orjson.loads(orjson.dumps(found)) == kept

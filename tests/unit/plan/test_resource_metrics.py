"""The metrics of resources, and the quantities that they are of."""

from __future__ import annotations

import pytest

from tests.helpers.places import ROOT
from wedload.plan.metric_table import METRICS
from wedload.plan.resource_metrics import KINDS_OF, RESOURCES, metric_of, quantity_of


@pytest.mark.parametrize("name", sorted(KINDS_OF))
def test_each_is_a_level_of_one_quantity_that_the_pages_define(name):
    page = (ROOT / "docs" / "resources.md").read_text(encoding="utf-8")

    assert METRICS[name].kind == "gauge"
    assert metric_of(quantity_of(name)) == name
    assert f"`{name}`" in page


def test_the_answer_of_a_query_has_no_name_of_its_own():
    assert (quantity_of("resource"), quantity_of("resource_cpu")) == ("value", "cpu")
    assert len({quantity_of(one.name) for one in RESOURCES}) == len(RESOURCES)

"""A resource belongs to a service by whole words of its name (`analysis/evidence.py`)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from wedload.analysis import evidence


@pytest.mark.parametrize(
    ("service", "resource", "yes"),
    [
        ("search", "elasticsearch", False),
        ("api", "rapid-cache", False),
        ("app", "mapper", False),
        ("search", "search-worker", True),
        ("search-api", "search_api process", True),
    ],
)
def test_a_name_is_found_as_whole_words_only(service: str, resource: str, yes: bool) -> None:
    there: Any = SimpleNamespace(name=resource, what="")

    assert evidence._named(service, there) is yes

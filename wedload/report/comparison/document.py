"""A comparison as JSON (`wedload.comparison/1`), and the schema of that."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from wedload.comparison.model import Comparison


def as_json(comparison: Comparison) -> str:
    """The comparison with everything that is known of it; NaN and infinity are null."""
    return TypeAdapter(Comparison).dump_json(comparison, indent=2).decode() + "\n"


def comparison_schema() -> dict[str, Any]:
    """The JSON Schema of comparisons."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **TypeAdapter(Comparison).json_schema(mode="serialization"),
    }

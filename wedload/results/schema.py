"""The JSON Schema of result files, for whoever reads them with other tools."""

from __future__ import annotations

from typing import Any, Final

from wedload.results.model import Result

_TITLE: Final = "Result of a run of the load tester wedload"


def result_schema() -> dict[str, Any]:
    """The schema (JSON Schema, draft 2020-12) of `wedload.result/1`.

    A newer wedload may add keys; those that are here stay, and keep their meaning.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Result.model_json_schema(by_alias=True, mode="serialization"),
        "title": _TITLE,
    }

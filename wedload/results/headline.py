"""The part of a result file that a history of many runs needs: no seconds, no checks.

Most of a file is its seconds; they are parsed as JSON, which is quick, and not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import orjson
from pydantic import Field, ValidationError

from wedload.bounded import read_bounded

# pydantic looks up what the fields are
from wedload.results.channel_model import Channel  # noqa: TC001 - as said
from wedload.results.dependency_model import Dependency  # noqa: TC001 - as said
from wedload.results.faults_model import Fault  # noqa: TC001 - as said
from wedload.results.figures_model import Metrics  # noqa: TC001 - as said
from wedload.results.model import Benchmark, RunFacts, Schema, Stage, Step  # noqa: TC001 - as said
from wedload.results.part import Part
from wedload.results.read import ANY_RESULT, MOST_BYTES, first_problem, is_result_schema
from wedload.results.series_model import EncodedHistogram  # noqa: TC001 - as said

if TYPE_CHECKING:
    from pathlib import Path


class Headline(Part):
    """What was run, what came of it, and the figures."""

    format: Schema = Field(alias="schema")
    run: RunFacts
    verdict: Literal["pass", "fail", "invalid"]
    benchmarks: list[Benchmark]
    metrics: Metrics
    steps: list[Step]
    stages: list[Stage]
    channels: list[Channel] = Field(default=[])
    faults: list[Fault] = Field(default=[])
    dependencies: list[Dependency] = Field(default=[])
    histograms: list[EncodedHistogram]


def read_headline(path: Path) -> Headline | None:
    """Read a result's headline; None: the file is something else.

    Raises:
        ValueError: it is a result, but a broken one, or of a newer format.
        OSError: it cannot be read.
    """
    data = read_bounded(path, MOST_BYTES)
    if not data:
        raise ValueError("empty")
    if ANY_RESULT.encode() not in data:
        return None
    try:
        document = orjson.loads(data)
        if not isinstance(document, dict) or not is_result_schema(document.get("schema")):
            return None
        return Headline.model_validate(document)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from None
    except ValidationError as error:
        raise ValueError(f"not a result that this wedload reads: {first_problem(error)}") from None

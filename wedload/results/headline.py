"""The part of a result file that a history of many runs needs: no seconds, no checks.

Most of a file is its seconds; they are parsed as JSON, which is quick, and not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import orjson
from pydantic import Field, ValidationError

from wedload.results.model import (
    Benchmark,
    EncodedHistogram,
    Metrics,
    Part,
    RunFacts,
    Stage,
    Step,
)

if TYPE_CHECKING:
    from pathlib import Path

_MARK: Final = b'"wedload.result/'
_BEGINNING_BYTES: Final = 200


class Headline(Part):
    """What was run, what came of it, and the figures."""

    format: Literal["wedload.result/1"] = Field(alias="schema")
    run: RunFacts
    verdict: Literal["pass", "fail", "invalid"]
    benchmarks: list[Benchmark]
    metrics: Metrics
    steps: list[Step]
    stages: list[Stage]
    histograms: list[EncodedHistogram]


def read_headline(path: Path) -> Headline | None:
    """Read a result's headline; None: the file is something else.

    Raises:
        ValueError: it is a result, but a broken one, or of a newer format.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        beginning = file.read(_BEGINNING_BYTES)
        if _MARK not in beginning:
            return None
        data = beginning + file.read()
    try:
        return Headline.model_validate(orjson.loads(data))
    except orjson.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ValueError(f"not a result that this wedload reads: {place}: {first['msg']}") from None

"""The document of a run that is over, with its analysis: which never costs the run its result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wedload.analysis.analyse import analyse
from wedload.results.analysis_model import Analysis
from wedload.results.document import document_of
from wedload.results.model import Result

if TYPE_CHECKING:
    from wedload.results.run import Run

#: what is long, and stands at the end of the file for whoever reads it
_LONG: Final = ("series", "histograms")


def analysed_document(run: Run) -> dict[str, Any]:
    """The result of a finished run, as `wedload.results.document` has it, and what gives way."""
    document = document_of(run)
    made = analysis_of(Result.model_validate(document)).model_dump(mode="json")
    long = {key: document.pop(key) for key in _LONG}
    return {**document, "analysis": made, **long}


def with_analysis(result: Result) -> Result:
    """A result that has one: of an older wedload, or of a recording, it is made now."""
    if result.analysis is not None:
        return result
    return result.model_copy(update={"analysis": analysis_of(result)})


def analysis_of(result: Result) -> Analysis:
    """The analysis, or one that says why there is none."""
    try:
        return analyse(result)
    except Exception as error:  # noqa: BLE001 - whatever it is, the run is worth more
        why = f"{type(error).__name__}: {error}".rstrip(": ")
        return Analysis(
            verdict=f"what gives way cannot be said: the analysis failed ({why})",
            refused={"analysis": why},
        )

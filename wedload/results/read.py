"""Reading result files: what is one becomes a `Result`, what is none is said what it is.

The recording of a run that was cut off is read as the result that can be made of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from pydantic import ValidationError

from wedload.bounded import parse_json, read_bounded
from wedload.errors import ResultError
from wedload.results.document import document_of
from wedload.results.model import SCHEMA, Result
from wedload.results.recover import is_recording, recover

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: what the schema of a result of any version begins with
ANY_RESULT: Final = SCHEMA.partition("/")[0] + "/"
MOST_BYTES: Final = 500_000_000  # of a file: a day of load has a hundredth of it
_REMEDY: Final = "a result is what `wedload run` writes to -o FILE, or to .wedload/runs/RUN/"


def read_result(path: str | Path) -> Result:
    """Read a result file, or a recording.

    Raises:
        ResultError: it cannot be read, or is no result.
    """
    if is_recording(path):
        return result_from(document_of(recover(path)), path)
    document = read_document(path)
    found = document.get("schema")
    if found != SCHEMA:
        what = f"its schema is {found!r}" if found is not None else "it has no schema"
        raise ResultError(f"{path} is not a result of wedload: {what}, not {SCHEMA!r}", _REMEDY)
    return result_from(document, path)


def is_result_schema(schema: object) -> bool:
    """Whether a document that names this schema is a result, of whatever version."""
    return isinstance(schema, str) and schema.startswith(ANY_RESULT)


def read_document(path: str | Path) -> dict[str, Any]:
    """A file's JSON object, whatever it is of.

    Raises:
        ResultError: it cannot be read, or is none.
    """
    document = read_json(path)
    if not isinstance(document, dict):
        raise ResultError(f"{path} is not a result: it is no JSON object", _REMEDY)
    return document


def read_json(path: str | Path) -> Any:
    """What a file says in JSON.

    Raises:
        ResultError: it cannot be read, or is no JSON.
    """
    try:
        data = read_bounded(path, MOST_BYTES)
    except OSError as error:
        raise ResultError(f"{path} cannot be read: {error.strerror}", _REMEDY) from None
    try:
        return parse_json(data)
    except orjson.JSONDecodeError as error:
        place = f"line {error.lineno}: {error.msg}"
        raise ResultError(f"{path} is not JSON ({place})", _REMEDY) from None
    except ValueError as error:
        raise ResultError(f"{path} is {error}", _REMEDY) from None


def json_files(folder: Path) -> list[Path]:
    """The files in a folder and those below it that can be results; no pipes and no folders."""
    return sorted(one for one in folder.rglob("*.json") if one.is_file())


def first_problem(error: ValidationError) -> str:
    """Where a document is not what it says to be, and why."""
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


def result_from(document: Mapping[str, Any], path: str | Path) -> Result:
    """A document that says to be a result; `path` is named in messages.

    Raises:
        ResultError: it is not what it says.
    """
    try:
        return Result.model_validate(document)
    except ValidationError as error:
        more = f" (and {error.error_count() - 1} more problems)" if error.error_count() > 1 else ""
        raise ResultError(
            f"{path} says to be {SCHEMA!r} but is not: {first_problem(error)}{more}",
            "it was changed, or written by another version: run the plan again",
        ) from None

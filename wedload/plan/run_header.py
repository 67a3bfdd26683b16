"""`run_header`: the header that tells a target which run a request is of, or none.

A platform that writes its value beside what a request creates can delete by run what no journal
names, and tell load from customers in its logs.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from wedload.plan.expressions.expression import type_name
from wedload.plan.fields import is_header_name
from wedload.plan.parsing import Parsed

RUN_HEADER: Final = "X-Wedload-Run"
#: headers that mean something else to servers, in lower case
_TAKEN: Final = frozenset(
    {
        "accept", "accept-encoding", "authorization", "connection", "content-length",
        "content-type", "cookie", "expect", "host", "te", "trailer", "transfer-encoding",
        "upgrade", "user-agent",
    }
)  # fmt: skip


def _run_header(value: Any) -> str | None:
    """Read `true`, `false` or a name; raises ValueError. None: no header."""
    if isinstance(value, bool):
        return RUN_HEADER if value else None
    if not isinstance(value, str):
        raise ValueError(  # noqa: TRY004 - pydantic collects ValueErrors
            f"expected true, false or the name of a header, found {type_name(value)}"
        )
    if not is_header_name(value):
        raise ValueError(f'{value!r} is not the name of a header; write "X-My-Run"')
    if value.lower() in _TAKEN:
        raise ValueError(f'{value} has a meaning of its own; write "X-My-Run"')
    return value


RunHeaderField = Annotated[str | None, Parsed(_run_header, (("type", ("boolean", "string")),))]

"""The vocabulary of the expression language: its names, its functions, and how it complains."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable

Kind = Literal["duration", "number", "any"]

RESPONSE_NAMES: Final = frozenset(
    {
        "status", "duration", "waiting", "headers", "cookies", "body", "text", "json",
        "rows", "row_count",  # of a `sql` step, see below
    }
)  # fmt: skip
#: what a response of HTTP has none of
ROW_NAMES: Final = frozenset({"rows", "row_count"})
#: all that the rows of a `sql` step are read by
RESULT_NAMES: Final = ROW_NAMES | {"duration"}
VU_NAMES: Final = frozenset({"vu", "iteration", "scenario", "stage"})
#: namespaces of what is somewhere: `channels.NAME.url`
PLACES: Final = frozenset({"channels", "dependencies", "proxies"})
#: what is read of the run itself: `run.id`
RUN_MEMBERS: Final = frozenset({"id"})
#: what is read of the receiver of spans: `tracing.endpoint`
TRACING_MEMBERS: Final = frozenset({"endpoint"})
NAMESPACES: Final = PLACES | {"env", "secrets", "data", "run", "synthetic", "tracing"}

#: name -> (fewest, most) arguments
FUNCTIONS: Final[dict[str, tuple[int, int]]] = {
    "len": (1, 1),
    "min": (1, 9),
    "max": (1, 9),
    "int": (1, 1),
    "float": (1, 1),
    "str": (1, 1),
    "lower": (1, 1),
    "upper": (1, 1),
    "regex": (2, 2),
    "jmespath": (2, 2),
    "exists": (1, 1),
    "now": (0, 0),
    "uuid": (0, 0),
    "env": (1, 2),
    "random": (0, 2),
    "choice": (1, 1),
}

#: functions of the plan format that this version does not have
FUNCTIONS_TO_COME: Final[frozenset[str]] = frozenset()

#: functions and methods of other languages -> what is written here
MEANT_METHODS: Final = {
    "contains": "'x' in text",
    "includes": "'x' in text",
    "endsWith": "regex('x$', text) != null",
    "length": "len(x)",
    "match": "regex('x', text) != null",
    "matches": "regex('x', text) != null",
    "secret_file": "secrets.NAME, with [secrets] secret_file = { NAME = 'a file' }",
    "size": "len(x)",
    "startsWith": "regex('^x', text) != null",
    "toLowerCase": "lower(x)",
    "toString": "str(x)",
    "toUpperCase": "upper(x)",
}

#: what `synthetic.NAME(…)` offers: name -> (fewest, most) arguments; its code is in the workload
SYNTHETIC_FUNCTIONS: Final[dict[str, tuple[int, int]]] = {
    "first_name": (0, 0),
    "last_name": (0, 0),
    "name": (0, 0),
    "email": (0, 0),
    "phone": (0, 0),
    "ip": (0, 0),
    "venue": (0, 0),
    "city": (0, 0),
    "wedding_date": (0, 0),
    "guest_count": (0, 0),
    "sentence": (0, 1),
    "intake_fields": (0, 0),
    "responses": (1, 1),
    "supplier_search": (0, 0),
}

#: what evaluating an expression over somebody's JSON may raise: "it has no value"
EVALUATION_ERRORS: Final = (
    LookupError, TypeError, ValueError, ArithmeticError, AttributeError,
    RecursionError,  # values that are nested too deeply to be compared
)  # fmt: skip


_MOST_QUOTED: Final = 80


class ExpressionError(ValueError):
    """An expression that the language does not allow; the message says what and why."""


@dataclass(frozen=True, slots=True)
class Reads:
    """What an expression refers to, found when it is parsed."""

    variables: frozenset[str] = frozenset()
    response: frozenset[str] = frozenset()
    env: frozenset[str] = frozenset()  # required environment variables
    optional_env: frozenset[str] = frozenset()  # those with a default
    columns: frozenset[tuple[str, str | None]] = frozenset()  # (feeder, column); None: computed
    #: (namespace of `PLACES`, name, member), None: computed; what is read of `run` has no member
    addresses: frozenset[tuple[str, str, str | None]] = frozenset()
    user: frozenset[str] = frozenset()  # what only a virtual user has: vu, stage …, synthetic
    secrets: frozenset[str] = frozenset()  # names of `[secrets] secret_file`

    def __or__(self, other: Reads) -> Reads:
        return Reads(
            self.variables | other.variables,
            self.response | other.response,
            self.env | other.env,
            self.optional_env | other.optional_env,
            self.columns | other.columns,
            self.addresses | other.addresses,
            self.user | other.user,
            self.secrets | other.secrets,
        )


def suggest(word: str, known: Iterable[str], lead: str = "; did you mean ") -> str:
    """Ask `…; did you mean step?` if something known is near `word`; else nothing."""
    near = difflib.get_close_matches(word[:100], list(known), n=1, cutoff=0.6)
    return f"{lead}{near[0]}?" if near else ""


def text_of(value: Any) -> str:
    """A value as it stands in a URL, a header or a longer text: JSON's spelling, strings bare."""
    if isinstance(value, str):
        return value
    return orjson.dumps(value).decode()


def shortened(text: str) -> str:
    """A text as it is quoted in messages: its beginning, if it is long."""
    return text if len(text) <= _MOST_QUOTED else f"{text[:_MOST_QUOTED]}…"


def type_name(value: Any) -> str:
    """JSON's name for a value's type, for messages."""
    names = {bool: "a boolean", str: "text", dict: "an object", list: "a list", type(None): "null"}
    return names.get(type(value), "a number" if isinstance(value, int | float) else "a value")

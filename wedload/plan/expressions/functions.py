"""The functions and operators of the expression language, as its closures call them.

The work of each is bounded by the size of its arguments, and so are its results: numbers by 4,096
bits, joined texts by 10 MB.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, NoReturn

from wedload.plan.expressions.language import EVALUATION_ERRORS, ExpressionError, text_of, type_name
from wedload.plan.patterns import pattern_of

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

_MOST_BITS: Final = 4_096
_MOST_TEXT: Final = 10_000_000
_MOST_PATTERN: Final = 300
_MOST_GROWTH: Final = 10_000


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{type_name(value)} is not a number")
    return value


def _add(a: Any, b: Any) -> Any:
    if isinstance(a, str) and isinstance(b, str):
        if len(a) + len(b) > _MOST_TEXT:
            raise ValueError(f"a text of more than {_MOST_TEXT:,} characters")
        return a + b
    return _number(a) + _number(b)


def _mul(a: Any, b: Any) -> Any:
    if isinstance(a, int) and isinstance(b, int) and a.bit_length() + b.bit_length() > _MOST_BITS:
        raise OverflowError("the number is too large")
    return _number(a) * _number(b)


def compile_regex(pattern: str) -> Callable[[Any], str | None]:
    """A search for a pattern: gives its first group, or the whole match, or None.

    Raises:
        ExpressionError: not a pattern.
    """
    try:
        compiled = pattern_of(pattern)
    except ValueError as error:
        raise ExpressionError(f"regex {pattern!r}: {error}") from None

    def search(text: Any) -> str | None:
        if not isinstance(text, str):
            raise TypeError(f"regex() searches text, not {type_name(text)}")
        match = compiled.search(text)
        if match is None:
            return None
        found: str | None = match.group(1 if compiled.groups else 0)
        return found

    return search


def compile_jmespath(pattern: str) -> Callable[[Any], Any]:
    """A JMESPath query.

    Raises:
        ExpressionError: not a query, or one whose result can grow out of bounds.
    """
    import jmespath  # noqa: PLC0415 - only plans with jmespath() need it

    if len(pattern) > _MOST_PATTERN:
        raise ExpressionError(f"a jmespath pattern has at most {_MOST_PATTERN} characters")
    try:
        compiled = jmespath.compile(pattern)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        reason = (str(error).splitlines() or ["not a query"])[0]
        raise ExpressionError(f"jmespath {pattern!r}: {reason}") from None
    if _growth(compiled.parsed) > _MOST_GROWTH:
        raise ExpressionError(f"jmespath {pattern!r}: this query can make its result too large")

    def search(value: Any) -> Any:
        try:
            return compiled.search(value)
        except RecursionError:
            raise ValueError("the value is nested too deeply") from None

    return search


def _growth(node: dict[str, Any]) -> int:
    """How many times larger than its input a query's result can be, at most.

    A list or object built of several parts holds its input as many times; functions such as
    `join` and `to_string` can double it. Nothing else in JMESPath makes more of what there is.
    """
    children = [child for child in node.get("children", ()) if isinstance(child, dict)]
    many = {"multi_select_list": 1, "multi_select_dict": 1, "function_expression": 2}
    own = max(many[node["type"]], len(children)) if node.get("type") in many else 1
    for child in children:
        own *= _growth(child)
    return own


def _exists(value: Callable[[Any], Any], scope: Any) -> bool:
    try:
        return value(scope) is not None
    except EVALUATION_ERRORS:
        return False


def _uuid(rng: random.Random) -> str:
    """A version 4 UUID (RFC 9562) from the virtual user's own random numbers."""
    bits = rng.getrandbits(128) & ~(0xF << 76) & ~(0xC << 60) | (4 << 76) | (0x8 << 60)
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _random(rng: random.Random, low: Any = None, high: Any = None) -> float | int:
    if low is None:
        return rng.random()
    if high is None:
        low, high = 0, low
    lowest, highest = int(_number(low)), int(_number(high))
    if lowest > highest:
        raise ValueError("random(): the lower bound is above the upper one")
    return rng.randint(lowest, highest)


def _int(value: Any) -> int:
    try:
        return int(value)
    except ValueError:  # whose text has the value: a different one each time it happens
        raise ValueError("int(): not a number") from None


def _float(value: Any) -> float:
    try:
        return float(value)
    except ValueError:
        raise ValueError("float(): not a number") from None


def _choice(rng: random.Random, values: Any) -> Any:
    if not isinstance(values, list):
        raise TypeError(f"choice() takes a list, not {type_name(values)}")
    return rng.choice(values)


def _never(*_: Any) -> NoReturn:
    raise TypeError("a duration literal is compiled away")


HELPERS: Final[dict[str, Any]] = {
    "_duration": _never,
    "_add": _add,
    "_sub": lambda a, b: _number(a) - _number(b),
    "_mul": _mul,
    "_div": lambda a, b: _number(a) / _number(b),
    "_floordiv": lambda a, b: _number(a) // _number(b),
    "_mod": lambda a, b: _number(a) % _number(b),
    "_len": len,
    "_min": min,
    "_max": max,
    "_int": _int,
    "_float": _float,
    "_str": text_of,
    "_lower": str.lower,
    "_upper": str.upper,
    "_now": time.time,
    "_exists": _exists,
    "_uuid": _uuid,
    "_random": _random,
    "_choice": _choice,
}

"""The text of an expression to a text that Python's grammar reads: the first gate.

Durations become calls, strings are decoded here and written again as plain literals (so that no
prefix, no warning and no escape of Python's own matters), names are normalised as Python's parser
would do it (NFKC) before they are judged. What is not a token of the language stops here.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from typing import Final

from wedload.plan.expressions.language import ExpressionError, shortened
from wedload.units import parse_duration_ns

#: the name that durations are written with; no user can write it
DURATION_CALL: Final = "_duration"
#: brackets in brackets, and operations in operations; what is far deeper than any sensible use
MOST_NESTED: Final = 50
_MOST_CHARACTERS: Final = 2_000  # bounds the parser's work

_TOKEN: Final = re.compile(
    r"""(?P<string>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")
      | (?P<duration>(?:[0-9]{1,15}(?:\.[0-9]{1,15})?(?:ns|us|µs|μs|ms|s|m|h|d))+(?![\w.]))
      | (?P<number>(?:0[xob][0-9a-fA-F_]+|[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9]+)?)(?!\w))
      | (?P<foreign>[1-5]xx\b|=>|[=!]==|&&|\|\||\$)
      | (?P<name>[^\W\d]\w*)
      | (?P<space>[ \t\r\n]+)
      | (?P<operator>:=|==|!=|<=|>=|//|\*\*|[-+*/%<>=!()\[\],.:])""",
    re.VERBOSE,
)
_WORDS: Final = frozenset({"and", "or", "not", "in", "is", "if", "else"})
_OPEN: Final = {"(": ")", "[": "]"}
_MEANT: Final = {
    "=": "write == to compare",
    ":=": "assignments are not part of the expression language; use let",
    "!": "write `not`",
    "=>": "write >=",
    "===": "write ==",
    "!==": "write !=",
    "&&": "write `and`",
    "||": "write `or`",
    "$": "write names without $, such as json.id",
    "**": "** is not part of the expression language",
}


def rewrite(source: str) -> str:
    """Give Python's grammar a text that it can read, on one line.

    Raises:
        ExpressionError: something in it is not part of the language.
    """
    if len(source) > _MOST_CHARACTERS:
        raise ExpressionError(f"the expression is longer than {_MOST_CHARACTERS:,} characters")
    out: list[str] = []
    closing: list[str] = []
    at, before = 0, ""  # `before`: the token in front, spaces left out
    shown = shortened(source.strip())
    while at < len(source):
        match = _TOKEN.match(source, at)
        if match is None:
            raise ExpressionError(
                f"{shown!r}: {source[at]!r} is not part of the expression language"
            )
        text, kind, at = match[0], match.lastgroup, match.end()
        if kind == "space":
            out.append(" ")
            continue
        if kind == "operator":
            _bracket(text, closing)
        if (meant := _meant(text, str(kind))) is not None:
            raise ExpressionError(f"{shown!r}: {meant}")
        out.append(_token(text, str(kind), before))
        before = text
    if closing:
        raise ExpressionError(f"a bracket is not closed: {closing[-1]!r} is missing")
    return "".join(out).strip()


def _token(text: str, kind: str, before: str) -> str:
    if kind == "duration":
        return f"{DURATION_CALL}({_duration(text)})"
    if kind == "string":
        if _is_value(before):  # 'a' 'b', and f'a'
            raise ExpressionError(f"{before} {text}: two values stand side by side")
        return repr(_decode(text[1:-1]))
    if kind == "name":
        return _name(text, before)
    return text


def _meant(text: str, kind: str) -> str | None:
    """What to write instead of what other languages have; None if it is of this one."""
    if kind == "foreign" and text[0].isdecimal():
        return f"{text} is no number; write {text[0]}00 <= status < {int(text[0]) + 1}00"
    return _MEANT.get(text) if kind in {"foreign", "operator"} else None


def _is_value(token: str) -> bool:
    return bool(token) and token not in _WORDS and (token[-1].isalnum() or token[-1] in "_'\"")


def _duration(text: str) -> int:
    try:
        return parse_duration_ns(text)
    except ValueError as error:
        raise ExpressionError(str(error)) from None


def _name(text: str, before: str) -> str:
    name = unicodedata.normalize("NFKC", text)
    if name.startswith("_"):
        raise ExpressionError(f"{name!r}: names that start with an underscore do not exist here")
    if before == "." and keyword.iskeyword(name):
        raise ExpressionError(f".{name} cannot be written with a dot; write ['{name}']")
    return name


def _bracket(text: str, closing: list[str]) -> None:
    if text in _OPEN:
        closing.append(_OPEN[text])
        if len(closing) > MOST_NESTED:
            raise ExpressionError(f"brackets are nested more than {MOST_NESTED} levels deep")
    elif text in {")", "]"} and (not closing or closing.pop() != text):
        raise ExpressionError(f"{text!r} closes nothing")


_ESCAPE: Final = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([\\'\"nrt]))")
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t"}


def _decode(text: str) -> str:
    r"""The text of a string literal; unknown escapes, such as a pattern's `\d`, stay."""

    def decoded(match: re.Match[str]) -> str:
        code = match[1] or match[2]
        return chr(int(code, 16)) if code else _ESCAPED.get(match[3], match[3])

    return _ESCAPE.sub(decoded, text)

"""`${…}` templates: text and JSON with expressions in them.

Parsing only; workload.render turns templates into bytes. `$${` stands for a literal `${`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from wedload.plan.expressions.expression import (
    Expression,
    ExpressionError,
    Reads,
    require_no_duration,
)
from wedload.plan.expressions.language import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPEN: Final = re.compile(r"\$?\$\{")
#: the inside of `${…}`: quoted strings may hold a closing brace
_INSIDE: Final = re.compile(r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^'"}])*""")


#: texts, and expressions between them: each takes its time in each request
_MOST_PARTS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Template:
    """A text in parts: literal strings and expressions, in order; adjacent literals are joined."""

    source: str
    parts: tuple[str | Expression, ...] = field(compare=False)

    @property
    def literal(self) -> str | None:
        """The text itself, if no expression is in it."""
        if not self.parts:
            return ""
        first = self.parts[0]
        return first if len(self.parts) == 1 and isinstance(first, str) else None

    @property
    def whole(self) -> Expression | None:
        """The expression, if the text is exactly one `${…}`: its value then keeps its type."""
        first = self.parts[0] if len(self.parts) == 1 else None
        return first if isinstance(first, Expression) else None

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """The expressions in it, in order."""
        return tuple(part for part in self.parts if isinstance(part, Expression))

    @property
    def reads(self) -> Reads:
        """All that its expressions refer to."""
        reads = Reads()
        for expression in self.expressions:
            reads |= expression.reads
        return reads

    @staticmethod
    def parse(source: str) -> Template:
        """Split a text into its parts.

        Raises:
            ExpressionError: a `${` that is not closed, or an expression that is not allowed.
        """
        parts: list[str | Expression] = []
        literal, at = "", 0
        while (match := _OPEN.search(source, at)) is not None:
            literal += source[at : match.start()]
            if match[0] == "$${":
                literal += "${"
                at = match.end()
                continue
            inside = _INSIDE.match(source, match.end())
            end = inside.end() if inside is not None else len(source)
            if end >= len(source) or source[end] != "}":
                raise ExpressionError(
                    f"{shortened(source)!r}: a ${{ is not closed; write $${{ for a literal ${{"
                )
            if literal:
                parts.append(literal)
                literal = ""
            expression = Expression.parse(source[match.end() : end])
            require_no_duration(expression)
            parts.append(expression)
            if len(parts) > _MOST_PARTS:
                raise ExpressionError(f"a text has {_MOST_PARTS:,} parts, with its ${{…}}, at most")
            at = end + 1
        literal += source[at:]
        if literal:
            parts.append(literal)
        return Template(source, tuple(parts))


@dataclass(frozen=True, slots=True)
class JsonTemplate:
    """A JSON value whose strings are templates: `value` has a `Template` wherever one stood."""

    value: Any

    def templates(self) -> Iterator[Template]:
        """Every template in it."""
        yield from _templates(self.value)

    @property
    def reads(self) -> Reads:
        """All that its expressions refer to."""
        reads = Reads()
        for template in self.templates():
            reads |= template.reads
        return reads

    @staticmethod
    def parse(value: Any) -> JsonTemplate:
        """Parse every string of a JSON value; keys are taken as they are.

        Raises:
            ExpressionError: as `Template.parse`.
        """
        return JsonTemplate(_parse(value))


def _parse(value: Any) -> Any:
    if isinstance(value, str):
        template = Template.parse(value)
        return template if template.literal is None else template.literal
    if isinstance(value, dict):
        return {key: _parse(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_parse(item) for item in value]
    return value


def _templates(value: Any) -> Iterator[Template]:
    if isinstance(value, Template):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _templates(item)
    elif isinstance(value, list):
        for item in value:
            yield from _templates(item)

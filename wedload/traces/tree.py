"""Trees of spans, from the ids of their parents. Pure; instants are whole ns.

A trace may have several roots: the requests of a step that follow redirects share its trace, and a
gateway may ask twice. Services have clocks of their own, so a child counts as far as it lies within
its parent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wedload.traces.span import Span


class Node:
    """A span in its tree; `begin_ns` and `end_ns` are clamped into its parent's."""

    __slots__ = ("begin_ns", "children", "end_ns", "span")

    def __init__(self, span: Span) -> None:
        self.span = span
        self.begin_ns = span.begin_ns
        self.end_ns = span.end_ns
        self.children: list[Node] = []

    @property
    def length_ns(self) -> int:
        """How much of its parent's time it covers; all of it, of a root."""
        return self.end_ns - self.begin_ns

    @property
    def self_ns(self) -> int:
        """What of it no child covers."""
        covered_ns, until_ns = 0, self.begin_ns
        for begin_ns, end_ns in sorted((one.begin_ns, one.end_ns) for one in self.children):
            if end_ns > until_ns:
                covered_ns += end_ns - max(begin_ns, until_ns)
                until_ns = end_ns
        return self.length_ns - covered_ns

    def below(self) -> Iterable[Node]:
        """Itself and all below it, parents first."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += node.children


class Grown(NamedTuple):
    """What became of the spans of a trace."""

    roots: list[Node]  # in the order in which they began; none: the trace is of no use
    orphans: int  # spans whose parent is not there, and that are no roots
    cycles: int  # spans that are below no root, as they are below themselves


def grow(spans: Iterable[Span], sender: bytes) -> Grown:
    """The trees of a trace whose requests said that they are the span `sender`.

    Roots are the spans whose parent that is. If there are none, as what is in front of the services
    tells of its spans somebody else, they are those whose parent is not there. A root that begins
    before another has ended is below that one; so is every other span without a parent, below the
    root that it begins in or after.
    """
    nodes = {span.span_id: Node(span) for span in sorted(spans, key=_order)}
    sent: list[Node] = []
    parentless: list[Node] = []
    for node in nodes.values():
        parent = nodes.get(node.span.parent_id)
        if node.span.parent_id == sender and sender not in nodes:
            sent.append(node)
        elif parent is None:
            parentless.append(node)
        else:
            parent.children.append(node)
    roots = _one_after_another(sent or parentless)
    orphans = parentless if sent else []
    if roots:
        for orphan in orphans:
            before = [one for one in roots if one.begin_ns <= orphan.begin_ns]
            (before[-1] if before else roots[0]).children.append(orphan)
    reached = sum(_clamp(root) for root in roots)
    return Grown(roots, len(orphans), len(nodes) - reached)


def _order(span: Span) -> tuple[int, int, bytes]:
    """Earlier ones first, and of those longer ones: the same, in whatever order spans came."""
    return span.begin_ns, -span.end_ns, span.span_id


def _one_after_another(candidates: Sequence[Node]) -> list[Node]:
    roots: list[Node] = []
    for node in candidates:
        if roots and node.begin_ns < roots[-1].end_ns:
            roots[-1].children.append(node)
        else:
            roots.append(node)
    return roots


def _clamp(root: Node) -> int:
    """Clamp all that is below a root into its parents; how many there are, itself included."""
    number = 0
    for node in root.below():
        number += 1
        for child in node.children:
            child.begin_ns = min(max(child.begin_ns, node.begin_ns), node.end_ns)
            child.end_ns = min(max(child.end_ns, node.begin_ns), node.end_ns)
    return number

"""The critical path of a tree of spans: what its end waited for. Pure; whole ns.

Backwards from the root's end: at every instant a span waits for the child that ends last of those
that had begun by then; from that one's begin on for the next such; and what is between them is the
span's own. So the shares of all spans add up to the root's duration, and none is more than the
span's self time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wedload.traces.tree import Node


def critical_shares(root: Node) -> dict[Node, int]:
    """Of each span on the critical path, how much of that is its own, ns. O(n log n)."""
    shares: dict[Node, int] = {}
    waiting = [(root, root.end_ns)]
    while waiting:
        node, cursor_ns = waiting.pop()
        own_ns = 0
        for child in sorted(node.children, key=_last_first):
            end_ns = min(child.end_ns, cursor_ns)
            if child.begin_ns >= end_ns:
                continue  # it began later, or has no length: nothing waited for it
            own_ns += cursor_ns - end_ns
            cursor_ns = child.begin_ns
            waiting.append((child, end_ns))
        shares[node] = own_ns + cursor_ns - node.begin_ns
    return shares


def _last_first(child: Node) -> tuple[int, int, bytes]:
    """Of those that end together the longest first: it was waited for most of the time."""
    return -child.end_ns, child.begin_ns, child.span.span_id

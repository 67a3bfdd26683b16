"""Which node of a query's plan costs most by itself, and why: read off EXPLAIN's JSON. Pure.

Times in a plan are means of one loop and include those of the nodes below. So a node's own time is
its loops times its mean, less that of its children, with three exceptions:

- Below a Gather several processes work at the same time, and their loops are counted together: what
  is below one is divided by how many took part, so that times stay those of a clock.
- A CTE runs when a CTE Scan first asks for it, and its time is in that scan's.
- So with an InitPlan: it runs within the node that first needs its value (`$0` in a condition), and
  stands at the top of its query.

Source: PostgreSQL, "Using EXPLAIN", and src/backend/commands/explain.c.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from wedload.results.databases_model import PlanNode
from wedload.units import format_ms, format_ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: what says which rows a node looks for, or in which order, most telling first
_CONDITIONS: Final = (
    "Filter", "Index Cond", "Recheck Cond", "Join Filter", "Hash Cond", "Merge Cond",
    "One-Time Filter", "Sort Key", "Group Key", "Function Call",
)  # fmt: skip
_REMOVED: Final = (
    "Rows Removed by Filter",
    "Rows Removed by Join Filter",
    "Rows Removed by Index Recheck",
)
_BLOCKS: Final = (
    "Shared Hit Blocks", "Shared Read Blocks", "Local Hit Blocks", "Local Read Blocks",
    "Temp Read Blocks",
)  # fmt: skip
_RETURNS: Final = re.compile(r"\(returns ([^)]*)\)")
_INIT_PLAN: Final = re.compile(r"InitPlan \d+")
#: of the rows that a scan reads so many are thrown away: an index would spare that
_WASTE: Final = 0.9


@dataclass(slots=True, eq=False)
class _Node:
    """A node of a plan; amounts are of all its loops together, times by the clock."""

    of: dict[str, Any]
    share: float  # of a clock's time in what its loops took together
    children: list[_Node] = field(default_factory=list)

    @property
    def loops(self) -> float:
        return float(self.of.get("Actual Loops", 0))

    @property
    def total_ms(self) -> float:
        """With its children."""
        return float(self.of.get("Actual Total Time", 0.0)) * self.loops * self.share

    @property
    def blocks(self) -> float:
        """With its children."""
        return float(sum(self.of.get(one, 0) for one in _BLOCKS))

    @property
    def lazy(self) -> bool:
        """Whether it runs within another node than the one above it."""
        return self.of.get("Parent Relationship") == "InitPlan"

    def every(self) -> Iterator[_Node]:
        yield self
        for child in self.children:
            yield from child.every()


def culprit_of(explained: Any) -> PlanNode:
    """The node that costs most by itself, of what EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) gives.

    Raises:
        ValueError: that is no plan.
    """
    try:
        (whole,) = explained
        root = _tree(whole["Plan"], 1.0)
        nodes = list(root.every())
        own_ms = _own(root, lambda node: node.total_ms)
        own_blocks = _own(root, lambda node: node.blocks)
        total_ms = float(whole.get("Execution Time", root.total_ms))
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise ValueError(f"this is no plan of a query: {error}") from None
    costliest = max(nodes, key=lambda node: own_ms[node])
    return _described(costliest, own_ms[costliest], total_ms, round(own_blocks[costliest]))


def self_times_ms(explained: Any) -> list[tuple[str, float]]:
    """Each node's kind and own time, in the order of the plan."""
    root = _tree(explained[0]["Plan"], 1.0)
    own_ms = _own(root, lambda node: node.total_ms)
    return [(str(node.of["Node Type"]), own_ms[node]) for node in root.every()]


def _tree(of: dict[str, Any], share: float) -> _Node:
    node = _Node(of, share)
    below = share
    plans = of.get("Plans", ())
    if str(of["Node Type"]).startswith("Gather") and node.loops:
        workers = [one for one in plans if one.get("Parent Relationship") != "InitPlan"]
        took_part = max((one.get("Actual Loops", 0) for one in workers), default=0) / node.loops
        below = share / max(1.0, took_part)
    node.children = [
        _tree(one, share if one.get("Parent Relationship") == "InitPlan" else below)
        for one in plans
    ]
    return node


def _own(root: _Node, amount: Callable[[_Node], float]) -> dict[_Node, float]:
    """How much of an amount that includes the nodes below is each node's own; none is below 0."""
    own = {
        node: amount(node) - sum(amount(child) for child in node.children if not child.lazy)
        for node in root.every()
    }
    for above in root.every():
        for lazy in above.children:
            if lazy.lazy:
                _take_away(own, list(_hosts(root, above, lazy)), amount(lazy))
    return {node: max(0.0, left) for node, left in own.items()}


def _take_away(own: dict[_Node, float], hosts: list[_Node], amount: float) -> None:
    """What ran within some nodes is not theirs: the first gives up what it has, then the next."""
    for host in hosts:
        taken = min(amount, max(0.0, own[host]))
        own[host] -= taken
        amount -= taken


def _hosts(root: _Node, above: _Node, lazy: _Node) -> Iterator[_Node]:
    """Where a CTE or an InitPlan ran: who reads it, and the node that it stands below."""
    name = str(lazy.of.get("Subplan Name", ""))
    inside = set(lazy.every())
    if name.startswith("CTE "):
        wanted = name.removeprefix("CTE ")
        yield from (one for one in root.every() if one.of.get("CTE Name") == wanted)
    elif (mentioned := _mentions(name)) is not None:
        for one in above.every():
            if one not in inside and any(mentioned.search(text) for text in _texts(one.of)):
                yield one
    yield above


def _mentions(name: str) -> re.Pattern[str] | None:
    """How conditions write the value of an InitPlan: `$0`, or `(InitPlan 1).col1` since 17."""
    found = [one.strip() for match in _RETURNS.finditer(name) for one in match[1].split(",")]
    if (match := _INIT_PLAN.match(name)) is not None:
        found.append(match[0])
    return re.compile("|".join(rf"{re.escape(one)}(?!\d)" for one in found)) if found else None


def _texts(of: dict[str, Any]) -> Iterator[str]:
    for key in _CONDITIONS:
        value = of.get(key)
        yield from value if isinstance(value, list) else [value] if isinstance(value, str) else []


# --- words ------------------------------------------------------------------------------------


def _described(node: _Node, self_ms: float, total_ms: float, blocks: int) -> PlanNode:
    kind = str(node.of["Node Type"])
    if node.of.get("Parallel Aware"):
        kind = f"Parallel {kind}"
    relation = node.of.get("Relation Name") or node.of.get("CTE Name") or node.of.get("Index Name")
    condition = next(_texts(node.of), None)
    rows = round(float(node.of.get("Actual Rows", 0)) * node.loops)
    removed = round(sum(float(node.of.get(one, 0)) for one in _REMOVED) * node.loops)
    where = f" on {relation}" if relation else ""
    share = min(1.0, self_ms / total_ms) if total_ms else 0.0
    words = f"{kind}{where} takes {format_ms(self_ms)} of {format_ms(total_ms)}"
    words += f" ({format_ratio(share)})"
    if removed:
        words += f": it reads {rows + removed:,} rows and keeps {rows:,}"
    elif node.loops > 1:
        words += f": in {node.loops:,.0f} runs it gives {rows:,} rows"
    else:
        words += f": it gives {rows:,} rows"
    words += f" from {blocks:,} blocks" if blocks else ""
    if node.of.get("Sort Space Type") == "Disk":
        words += f", sorted on disk ({node.of.get('Sort Space Used', 0):,} kB)"
    of_table = "Relation Name" in node.of and kind.endswith("Scan")
    if of_table and removed >= _WASTE * (rows + removed):
        words += "; an index for its filter would spare it most of them"
    return PlanNode(
        kind=kind,
        relation=relation,
        self_ms=round(self_ms, 3),
        total_ms=round(total_ms, 3),
        rows=rows,
        removed=removed,
        blocks=blocks,
        condition=condition,
        words=words,
    )


def culprit_of_sqlite(lines: list[dict[str, Any]]) -> PlanNode | None:
    """The first line of EXPLAIN QUERY PLAN by which SQLite reads a whole table; it has no times."""
    for line in lines:
        detail = str(line.get("detail", ""))
        if detail.startswith("SCAN ") and " INDEX " not in detail and "VIRTUAL" not in detail:
            relation = detail.split()[1]
            return PlanNode(
                kind="SCAN",
                relation=relation,
                words=f"{detail}: it reads every row of {relation}; SQLite's plans have no times",
            )
    return None

"""Explained queries, for reports: one with a culprit, one that was not explained, one of SQLite."""

from __future__ import annotations

from wedload.results.databases_model import Explained, PlanNode

SCAN = PlanNode(
    kind="Seq Scan", relation="suppliers", self_ms=371.2, total_ms=380.4, rows=12, removed=199_988,
    blocks=5_405, condition="(name = 'x')",
    words="Seq Scan on suppliers takes 371 ms of 380 ms (97.6 %): it reads 200,000 rows and keeps"
    " 12 from 5,405 blocks; an index for its filter would spare it most of them",
)  # fmt: skip
SLOW = Explained(
    scenario="main", workflow="search", step="by name", database="catalogue",
    query="SELECT id FROM suppliers WHERE name = $1", parameters=["<b>x</b>"], duration_ms=412.0,
    culprit=SCAN, plan=[{"Plan": {"Node Type": "Seq Scan"}}],
)  # fmt: skip
UNEXPLAINED = Explained(
    scenario="main", workflow="search", step="by city", database="catalogue", query="SELECT 1",
    duration_ms=5.0, problem="it could not be explained: no end within 10s",
)  # fmt: skip
UNREMARKABLE = Explained(
    scenario="main", workflow="search", step="by key", database="file", query="SELECT 2",
    duration_ms=0.4, plan=[{"id": 1, "parent": 0, "detail": "SEARCH a USING INDEX b (c=?)"}],
)  # fmt: skip
EXPLAINED = [SLOW, UNEXPLAINED, UNREMARKABLE]

"""Spans of traced requests in a result file, as types: whose time it was, and when.

Self time is what of a span no child of it covers. The critical path of a trace is what its end
waited for: the shares of its spans add up to the trace's duration. Definitions: docs/tracing.md.
"""

from __future__ import annotations

from pydantic import Field

from wedload.results.part import Count, Part, Share


class SpanSlot(Part):
    """Spans of one operation in a slot of the load, within requests of one step."""

    slot: Count = Field(description="place in `slots_s`: when the requests were sent")
    scenario: str
    workflow: str | None = None
    step: str | None = None
    stage: str | None = Field(default=None, description="in which the requests were sent")
    service: str = Field(description="who was at work: a service, or what it waited for")
    operation: str
    count: Count = Field(description="spans")
    self_ms: float = Field(description="sum of their self times")
    critical_ms: float = Field(description="sum of their shares of critical paths")
    max_self_ms: float = Field(description="longest self time of one")
    errors: Count = Field(default=0, description="spans that ended with an error")


class TracedSlot(Part):
    """Traces of one step in a slot of the load."""

    slot: Count
    scenario: str
    workflow: str | None = None
    step: str | None = None
    stage: str | None = None
    count: Count = Field(description="traces with a whole tree")
    root_ms: float = Field(description="sum of the durations of their root spans, at the target")


class ServerTiming(Part):
    """What responses to a step said of themselves by `Server-Timing`, in a slot of the load."""

    slot: Count
    scenario: str
    workflow: str | None = None
    step: str | None = None
    stage: str | None = None
    name: str = Field(description="of the header's entry: `db`")
    count: Count
    sum_ms: float


class Traces(Part):
    """What the target's own spans say of where time went."""

    share: Share = Field(description="of requests that were traced")
    requests: Count = Field(description="requests that were traced")
    traces: Count = Field(description="of these, those whose spans came, with a root")
    spans: Count = Field(description="spans that belong to them")
    foreign: Count = Field(default=0, description="spans of requests that are not of this run")
    refused: Count = Field(default=0, description="spans refused: more than could be held")
    late: Count = Field(default=0, description="spans that came after their trace was counted")
    repeated: Count = Field(default=0, description="spans that came again, and count once")
    malformed: Count = Field(default=0, description="spans with ids or times that none can have")
    orphans: Count = Field(default=0, description="spans whose parent did not come: of the root")
    broken: Count = Field(default=0, description="traces left out: no root, or a cycle")
    rootless: Count = Field(
        default=0, description="traces left out: their root did not come, and that of others did"
    )
    exports: Count = Field(default=0, description="requests of exporters")
    turned_away: Count = Field(default=0, description="of these, told to come back: no room")
    not_understood: Count = Field(
        default=0, description="of these, refused: no spans, or too large"
    )
    slots_s: list[float] = Field(description="begin of each slot, in seconds of the load")
    slot_s: float = Field(description="length of a slot")
    operations: list[SpanSlot] = Field(default=[])
    steps: list[TracedSlot] = Field(default=[])
    server_timing: list[ServerTiming] = Field(default=[])

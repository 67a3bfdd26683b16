"""Findings about traces: that none came back, or not all of them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.units import counted
from wedload.verdict.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.traces.found import FoundTraces


def trace_findings(found: FoundTraces | None) -> Iterator[Finding]:
    """What is to be known of a run's traces; none of it makes the run invalid."""
    if found is None:
        return
    if found.lost is not None:
        yield _finding("traces-lost", f"Nothing is known of spans: {found.lost}.")
    elif found.requests and not found.account.traces:
        yield _finding("no-traces", _none(found))
    if found.account.refused or found.turned_away:
        yield _finding(
            "spans-refused",
            f"{counted(found.account.refused, 'span')} had no room, and"
            f" {counted(found.turned_away, 'request')} of exporters were told to come back:"
            " services may be missing in traces. Trace a smaller share, or let more spans be held"
            " (tracing.max_spans).",
        )


def _none(found: FoundTraces) -> str:
    traced = f"{counted(found.requests, 'request')} were traced"
    if not found.exports:
        return (
            f"{traced}, and nobody sent any spans to {found.endpoint}/v1/traces. Start the target"
            f" with OTEL_EXPORTER_OTLP_ENDPOINT={found.endpoint} and"
            " OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf, or with its own options for OTLP."
        )
    account = found.account
    foreign = (
        f"; {counted(account.foreign, 'span')} came that are not of these requests: does the"
        " target take the header traceparent?"
        if account.foreign
        else ", though there were requests of exporters."
    )
    return f"{traced}, and none came back{foreign}"


def _finding(kind: str, message: str) -> Finding:
    return Finding(kind, message, invalidates=False)

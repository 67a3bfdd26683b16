"""Whose time a span's self time is: its service's, or that of whom it asked. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.traces.span import CLIENT

if TYPE_CHECKING:
    from wedload.traces.tree import Node


def service_of(node: Node) -> str:
    """The service at work.

    A client span that no other service answers with a span of its own is the time of whom it asks,
    if it says who that is: a database has no spans.
    """
    span = node.span
    if span.kind != CLIENT or span.peer is None:
        return span.service
    if any(child.span.service != span.service for child in node.children):
        return span.service
    return span.peer

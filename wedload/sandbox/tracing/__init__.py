"""Spans of requests that are traced: what is told of them, and the one place that exports them."""

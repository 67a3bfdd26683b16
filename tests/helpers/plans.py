"""The smallest plan that is valid, for tests that change it."""

from __future__ import annotations

SMALLEST = """\
schema = 1
name = "small"
[targets.sandbox]
sandbox = true
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "1m"
workflow = "visit"
[[workflows.visit]]
name = "look"
http = "GET /"
"""

"""Plans of a few lines on the sandbox, for tests that change or end them."""

from __future__ import annotations

#: the smallest that is valid
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
#: its iterations last longer than any test
SLOW = """\
schema = 1
name = "slow"
[targets.sandbox]
sandbox = true
[scenarios.main]
executor = "constant-vus"
vus = 2
duration = "30s"
graceful_stop = "30s"
workflow = "visit"
[[workflows.visit]]
name = "look"
http = "GET /healthz"
[[workflows.visit]]
think = "40s"
"""

"""Plans with third parties, proxies and faults, for tests that change them."""

from __future__ import annotations

#: third parties of each kind, proxies before three things, and faults on each; 68 lines
WITH_THIRD_PARTIES = """\
schema = 1
name = "third parties"
[targets.sandbox]
sandbox = true
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "5m"
workflow = "visit"
[[setup]]
name = "tell where the calendar is"
http = "POST /settings"
json = { calendar = "${dependencies.calendar.url}", db = "${proxies.db.address}" }
[[workflows.visit]]
name = "look"
http = "GET /"
[dependencies.calendar]
simulate = "google-calendar"
latency = "lognormal(p50=120ms, p99=900ms)"
quota = "600/1m"
user_quota = "10/s"
quota_status = 429
errors = { status = 503, ratio = 0.01 }
policy = { attempts = 3, gap = "100ms", within = "2s" }
log = "calendar.jsonl"
[dependencies.mail]
simulate = "email"
provider = "postmark"
operation = "headers['x-request-id']"
[dependencies.mail.errors]
status = 429
ratio = 0.02
retry_after = "2s"
[dependencies.pay]
simulate = "http"
listen = "127.0.0.1:8810"
[[dependencies.pay.routes]]
http = "POST /v1/charges/*"
status = 201
json = { id = "${uuid()}", amount = "${json.amount}" }
latency = "50ms"
[proxies.db]
upstream = "127.0.0.1:5432"
listen = "127.0.0.1:8811"
[proxies.slow-mail]
upstream = "dependency:mail"
[[faults]]
name = "calendar outage"
on = "calendar"
at = "1m"
for = "30s"
down = true
[[faults]]
name = "slow database"
on = ["db", "sandbox.database"]
at = "2m"
for = "1m"
latency = "200ms"
jitter = "50ms"
[[faults]]
name = "mail trickles"
on = "slow-mail"
at = "2m"
for = "1m"
bandwidth = "1kB/s"
slicer = { size = "64B", vary = "16B", delay = "10ms" }
toxicity = 0.5
direction = "both"
"""

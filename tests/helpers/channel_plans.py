"""Plans with channels, for tests that change them."""

from __future__ import annotations

#: a webhook, subscribers of a service, and a workflow that awaits something of both; 38 lines
WITH_CHANNELS = """\
schema = 1
name = "channels"
[targets.there]
base_url = "http://127.0.0.1:8000"
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "1m"
workflow = "order"
[channels.hooks]
webhook = "/hooks"
signature = { scheme = "standard-webhooks", secret = "${env.WEDLOAD_WEBHOOK_SECRET}" }
key = "json.data.id"
[channels.status]
realtime = "supabase"
url = "/realtime/v1/websocket"
topic = "realtime:orders"
subscribers = 5
within = "3s"
key = "json.record.id"
[[workflows.order]]
name = "place"
http = "POST /orders"
capture = { id = "json.id" }
[[workflows.order]]
think = "1s"
[[workflows.order]]
name = "is told"
await = { channel = "hooks", key = "id", within = "2s" }
check = ["json.data.total > 0"]
[[workflows.order]]
name = "is shown"
await = { channel = "status", key = "id", since = "place", wait = false }
[[workflows.order]]
name = "say it"
publish = { channel = "status", event = "note", payload = { id = "${id}" }, key = "id" }
"""

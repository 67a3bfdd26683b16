"""Plans with a room of the sandbox's realtime side, whose subscribers are to hear every note."""

from __future__ import annotations

ROOM = """\
schema = 1
name = "room"
[targets.sandbox]
sandbox = true
[channels.room]
realtime = "supabase"
vsn = "{vsn}"
url = "/realtime/v1/websocket"
params = {{ apikey = "${{env.WEDLOAD_SUPPLIER_KEY}}" }}
topic = "realtime:room"
subscribers = {subscribers}
joins = "1000/s"
key = "json.id"
sequence = "json.n"
within = "{within}"
[scenarios.notes]
{scenario}
workflow = "note"
[[workflows.note]]
name = "say something"
let = {{ note = "${{uuid()}}" }}
publish = {{
  channel = "room", event = "note", key = "note", wait = {wait},
  payload = {{ id = "${{note}}", n = "${{iteration}}" }},
}}
"""


def room(
    *,
    subscribers: int = 10,
    scenario: str,
    within: str = "5s",
    vsn: str = "1.0.0",
    wait: bool = False,
    more: str = "",
) -> str:
    """A plan in which virtual users say things to a room."""
    text = ROOM.format(
        subscribers=subscribers, scenario=scenario, within=within, vsn=vsn,
        wait="true" if wait else "false",
    )  # fmt: skip
    return text + more

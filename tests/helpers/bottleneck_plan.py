"""One small plan for platforms that are narrow somewhere, and what makes them so.

Virtual users rise in steps that are held: what a service takes of a request at the last of
them over what it takes at the first names who gives way. There are never more than the sandbox has
connections, and they pause, so that the sound one is far from any limit on two cores. Its database
answers some milliseconds late, as one on another machine does: without that two connections would
be as good as ten.
"""

from __future__ import annotations

from dataclasses import dataclass, field

#: name of a stage that is held -> virtual users, and for how long: whole seconds, three at least
LEVELS = {"few": (2, 3), "many": (8, 4)}
RAMP_S = 1
#: so that a search without its index is slow, and a copy of the database is made at once
SUPPLIERS = 20_000


@dataclass(frozen=True)
class Narrow:
    """What is wrong with a platform, by its environment and by faults that the plan adds."""

    environment: dict[str, str] = field(default_factory=dict)
    faults: str = ""


def _slow_calendar() -> str:
    """Slower with each level, as one is that everybody asks more."""
    begin_s, faults = 0, ""
    for late_ms, (_, held_s) in zip((0, 150), LEVELS.values(), strict=True):
        if late_ms:
            faults += (
                f'[[faults]]\nname = "calendar {late_ms} ms late"\non = "calendar"\n'
                f'at = "{begin_s * 1000}ms"\nfor = "{held_s * 1000}ms"\n'
                f'latency = "{late_ms}ms"\n'
            )
        begin_s += held_s + RAMP_S
    return faults


SOUND = Narrow()
NARROW = {
    "an index is missing": Narrow({"WEDLOAD_SANDBOX_WITHOUT_INDEX": "suppliers_text"}),
    "a table is locked": Narrow({"WEDLOAD_SANDBOX_LOCK": "submissions=80ms"}),
    "the calendar is slow": Narrow(faults=_slow_calendar()),
    "an endpoint computes": Narrow({"WEDLOAD_SANDBOX_BURN": "POST /api/forms/*/submit=80ms"}),
    "two connections": Narrow({"WEDLOAD_SANDBOX_POOL_SIZE": "2"}),
}


def bottleneck_plan(narrow: Narrow) -> str:
    """The plan."""
    stages, before = [], LEVELS["few"][0]
    for name, (vus, held_s) in LEVELS.items():
        if vus != before:
            stages.append(f'{{ duration = "{RAMP_S * 1000}ms", target = {vus} }}')
        stages.append(f'{{ name = "{name}", duration = "{held_s * 1000}ms", target = {vus} }}')
        before = vus
    return _PLAN.format(
        first=LEVELS["few"][0],
        stages=",\n  ".join(stages),
        faults=narrow.faults,
    )


_PLAN = """
schema = 1
name = "bottlenecks-in-small"

[targets.sandbox]
sandbox = true

[tracing]
share = "100%"

[dependencies.calendar]
simulate = "google-calendar"
latency = "constant(10ms)"

{faults}
[[faults]]
name = "the database is on another machine"
on = "sandbox.database"
at = "0s"
for = "1m"
latency = "30ms"

[identities.supplier]
http = "POST /api/auth/supplier"
json = {{ email = "${{synthetic.email()}}", key = "${{env.WEDLOAD_SUPPLIER_KEY}}" }}
capture = {{ token = "json.token" }}
headers = {{ Authorization = "Bearer ${{token}}" }}

[identities.couple]
http = "POST /api/auth/couple"
json = {{ email = "${{synthetic.email()}}", key = "${{env.WEDLOAD_COUPLE_KEY}}" }}
capture = {{ token = "json.token" }}
headers = {{ Authorization = "Bearer ${{token}}" }}

[resources]
every = "1s"

[resources.queries]
"the sandbox" = "process: sandbox"
"its database" = "postgres: ${{env.WEDLOAD_SANDBOX_DSN}}"

[benchmarks]
"Requests" = "http_req_duration: p95 < 200ms"

[[setup]]
name = "create intake form"
http = "POST /api/forms/intake"
as = "supplier"
json = {{
  title = "Consultation",
  fields = [{{ name = "names", label = "Names", type = "text", required = true }}],
}}
capture = {{ form_id = "json.id" }}

[scenarios.couples]
executor = "ramping-vus"
start_vus = {first}
stages = [
  {stages}
]
graceful_stop = "5s"
workflow = "couple"

[[workflows.couple]]
name = "connect"
http = "POST /api/connections/${{form_id}}"
as = "couple"
json = {{ wedding_date = "2027-06-05", venue = "The Old Barn" }}

[[workflows.couple]]
name = "search"
let = {{ words = "${{choice(['festivals rustic', 'winter coastal', 'classic florist'])}}" }}
http = "GET /api/suppliers/search?q=${{words}}&date=2027-06-05&min_rating=3"
as = "couple"

[[workflows.couple]]
think = "constant(70ms)"

[[workflows.couple]]
name = "schedule"
http = "POST /api/calendar/schedule"
let = {{ year = "${{random(2030, 2090)}}", day = "${{random(10, 28)}}" }}
as = "couple"
json = {{
  supplier_id = 1, couple_id = 1, event_type = "consultation",
  preferred_times = ["${{year}}-0${{random(1, 9)}}-${{day}}T1${{random(0, 9)}}:00:00Z"],
}}
expected_status = [201, 409]

[[workflows.couple]]
name = "submit"
http = "POST /api/forms/${{form_id}}/submit"
as = "couple"
json = {{ responses = {{ names = "Robin and Sam" }} }}

[[workflows.couple]]
think = "constant(70ms)"
"""

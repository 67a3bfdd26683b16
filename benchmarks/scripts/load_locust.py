"""The loads of benchmarks/cases.py for Locust; the same requests and checks as in workflow.toml."""

from __future__ import annotations

import os
from typing import Any

from locust import FastHttpUser, constant, constant_pacing, events, task

_FLOW = os.environ["FLOW"]
_PACE_S = float(os.environ["PACE_S"])


class User(FastHttpUser):
    """One virtual user, with the fast client and one connection."""

    wait_time = constant_pacing(_PACE_S) if _PACE_S else constant(0)

    @task
    def iterate(self) -> None:
        """Run what the environment says, once."""
        if _FLOW == "workflow":
            self._workflow()
        else:
            self.client.get("/" if _FLOW == "plain" else "/large")

    def _workflow(self) -> None:
        created = self._post(
            "/api/forms/intake",
            {
                "title": "Wedding Photography Consultation",
                "couple": f"couple-{id(self)}-{self.environment.stats.num_requests}@example.com",
                "fields": [
                    {"name": "wedding_date", "type": "date", "required": True},
                    {"name": "venue", "type": "text", "required": True},
                    {"name": "guests", "type": "number", "required": False},
                ],
            },
            "create form",
        )
        form = created["id"]
        self._post(
            f"/api/connections/{form}",
            {"wedding_date": "2027-06-19", "venue": "Rosewood Barn"},
            "connect",
        )
        submitted = self._post(
            f"/api/forms/{form}/submit",
            {
                "responses": {
                    "wedding_date": "2027-06-19", "venue": "Rosewood Barn", "guests": 120,
                }
            },
            "submit form",
            journey=True,
        )  # fmt: skip
        with self.client.get(
            f"/api/realtime/status/{submitted['id']}", name="status", catch_response=True
        ) as response:
            if response.json()["status"] != "submitted":
                response.failure("not seen by the supplier")

    def _post(self, path: str, body: Any, name: str, *, journey: bool = False) -> Any:
        with self.client.post(path, json=body, name=name, catch_response=True) as response:
            answer = response.json()
            if response.status_code != 200:
                response.failure("unexpected status")
            if response.request_meta["response_time"] >= 2000:
                response.failure("not quickly")
            if journey and answer["journey_triggered"] is not True:
                response.failure("no journey")
            return answer


@events.quitting.add_listener
def judge(environment: Any, **_: Any) -> None:
    """The thresholds of workflow.toml."""
    total = environment.stats.total
    if total.fail_ratio >= 0.01 or total.get_response_time_percentile(0.95) >= 2000:
        environment.process_exit_code = 1

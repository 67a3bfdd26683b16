"""Rules and dashboards of `monitoring/performance`, as text: YAML in the one form they have."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from tests.helpers.places import ROOT

PLACE = ROOT / "monitoring" / "performance"
RULES = sorted((PLACE / "rules").glob("*.yml"))
CASES = sorted((PLACE / "tests").glob("*.yml"))
DASHBOARDS = sorted((PLACE / "dashboards").glob("*.json"))


@dataclass(frozen=True, slots=True)
class Alert:
    name: str
    text: str  # from its name to the next one's

    def label(self, name: str) -> str:
        found = re.search(rf"labels: .*\b{name}: (\w+)", self.text)
        return found[1] if found else ""

    def annotation(self, name: str) -> str:
        found = re.search(rf"^ +{name}: (?:>-\n +)?(.+)$", self.text, re.MULTILINE)
        return found[1] if found else ""


def alerts() -> list[Alert]:
    found = []
    for file in RULES:
        _, *blocks = re.split(r"^ +- alert: ", file.read_text(), flags=re.MULTILINE)
        found += [Alert(*block.split("\n", 1)) for block in blocks]
    return found


def recorded() -> list[str]:
    return [one for file in RULES for one in re.findall(r"- record: (\S+)", file.read_text())]


def panels(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    """Those that show something."""
    return [one for one in dashboard["panels"] if one["type"] != "row"]


def expressions() -> list[str]:
    """PromQL of all dashboards, with values in the place of Grafana's variables."""
    found = []
    for file in DASHBOARDS:
        for panel in panels(json.loads(file.read_text())):
            found += [target["expr"] for target in panel["targets"]]
    return [
        re.sub(r"\$__rate_interval|\$__range", "1m", one) for one in found
    ]  # $run and others stand in quotes, where everything is text

"""Write the Grafana dashboards anew: python -m scripts.build.dashboards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scripts.build.dashboards.live_run import live_run
from scripts.build.dashboards.run_comparison import run_comparison
from scripts.build.dashboards.third_parties import third_parties
from scripts.build.dashboards.webhooks_and_realtime import webhooks_and_realtime

if TYPE_CHECKING:
    from scripts.build.dashboards.panels import Dashboard

FOLDER: Final = Path(__file__).parents[3] / "monitoring" / "performance" / "dashboards"


def dashboards() -> dict[str, Dashboard]:
    """All of them, by the names of their files."""
    return {
        "live-run.json": live_run(),
        "run-comparison.json": run_comparison(),
        "third-parties.json": third_parties(),
        "webhooks-and-realtime.json": webhooks_and_realtime(),
    }


def written(dashboard: Dashboard) -> str:
    """What is in its file."""
    return json.dumps(dashboard.json(), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write each to its file."""
    for name, dashboard in dashboards().items():
        (FOLDER / name).write_text(written(dashboard), encoding="utf-8")
        print(FOLDER / name)


if __name__ == "__main__":
    main()

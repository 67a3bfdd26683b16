"""A plan whose virtual users do nothing but think."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wedload.plan.loader import load_plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.plan.model import Plan

TARGET = 'base_url = "http://127.0.0.1:9"'
PLAN = """\
schema = 1
name = "small"
[targets.local]
{target}
[scenarios.main]
executor = "constant-vus"
vus = {vus}
duration = "{duration}"
graceful_stop = "0s"
workflow = "visit"
[[workflows.visit]]
think = "{think}"
"""


@pytest.fixture
def plan(tmp_path) -> Callable[..., Plan]:
    """Makes one; `more` stands at its end, `target` is the lines of its target."""

    def make(duration="30s", think="10s", more="", *, vus: int = 5, target: str = TARGET) -> Plan:
        text = PLAN.format(duration=duration, think=think, vus=vus, target=target)
        (tmp_path / "plan.toml").write_text(text + more)
        return load_plan(tmp_path / "plan.toml").plan

    return make

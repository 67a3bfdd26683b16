"""Plans of a few lines, compiled, and a scope with known values to render them with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.helpers.scopes import KnownScope
from wedload.plan.loader import parse_plan
from wedload.workload.compile_plan import Settings, Workload, compile_workload
from wedload.workload.synthetic import Synthetic

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wedload.plan.model import Plan

HEAD = """\
schema = 1
name = "small"
[targets.there]
base_url = "https://shop.example"
"""
SCENARIO = """\
[scenarios.main]
executor = "constant-vus"
vus = 2
duration = "10s"
workflow = "visit"
"""


@pytest.fixture
def scope() -> Callable[..., KnownScope]:
    """A scope with these variables."""

    def make(**variables: Any) -> KnownScope:
        made = KnownScope(variables)
        made.synthetic = Synthetic(made.rng)
        return made

    return make


@pytest.fixture
def plan(tmp_path: Path) -> Callable[..., Plan]:
    """A plan of these lines; the target and a scenario are there unless they say otherwise."""

    def parse(text: str, *, head: str = HEAD, scenario: str = SCENARIO) -> Plan:
        return parse_plan(head + scenario + text, file="plan.toml", base=tmp_path).plan

    return parse


@pytest.fixture
def compiled(plan: Callable[..., Plan]) -> Callable[..., Workload]:
    """A plan of these lines, compiled; keywords are the run's settings."""

    def compile_text(
        text: str,
        *,
        head: str = HEAD,
        scenario: str = SCENARIO,
        base_url: str = "https://shop.example",
        **settings: Any,
    ) -> Workload:
        made = plan(text, head=head, scenario=scenario)
        return compile_workload(made, Settings("there", base_url, **settings))

    return compile_text


@pytest.fixture
def step(compiled: Callable[..., Workload]) -> Callable[..., Any]:
    """The only step of a workflow of these lines, compiled."""

    def compile_step(lines: str, **keywords: Any) -> Any:
        workload = compiled(f"[[workflows.visit]]\n{lines}\n", **keywords)
        (only,) = workload.scenarios[0].workflows[0].steps
        return only

    return compile_step

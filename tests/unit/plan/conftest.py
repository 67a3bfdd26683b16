"""A small valid plan that tests change, and a scope with known values for expressions."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from wedload.errors import PlanError
from wedload.plan.loader import LoadedPlan, load_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

VALID = """\
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


@pytest.fixture
def valid() -> str:
    return VALID


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., LoadedPlan]:
    """Load a text as a real file, `plan.toml`."""

    def load_text(text: str, *, overrides: Sequence[str] = ()) -> LoadedPlan:
        file = tmp_path / "plan.toml"
        file.write_bytes(text.encode())
        return load_plan(file, overrides=overrides)

    return load_text


@pytest.fixture
def problems(load: Callable[..., LoadedPlan], tmp_path: Path) -> Callable[..., list[str]]:
    """The problems of a text, each as `line: message | hint`; other files by their name."""

    def problems_of(text: str, *, overrides: Sequence[str] = ()) -> list[str]:
        with pytest.raises(PlanError) as raised:
            load(text, overrides=overrides)
        return [
            f"{problem.file.removeprefix(str(tmp_path) + '/')}:{problem.line}: {problem.message}"
            + (f" | {problem.hint}" if problem.hint else "")
            for problem in raised.value.problems
        ]

    return problems_of


JSON = {
    "id": "f-17",
    "from": "couple",
    "n": 3,
    "price": 2.5,
    "ok": True,
    "none": None,
    "items": [{"name": "a", "n": 1}, {"name": "b", "n": 2}],
}


@dataclass
class KnownScope:
    """What a virtual user would give; `env` has one variable, the feeder one row."""

    variables: dict[str, Any] = field(default_factory=lambda: {"form_id": "f-1", "count": 4})
    vu: int = 7
    iteration: int = 2
    scenario: str = "main"
    stage: str = "peak"
    env: dict[str, str] = field(default_factory=lambda: {"WEDLOAD_KEY": "k"})
    rng: random.Random = field(default_factory=lambda: random.Random(1))
    synthetic: Any = field(
        default_factory=lambda: SimpleNamespace(
            email=lambda: "a@example.com", sentence=lambda n=5: "w " * n, responses=len
        )
    )
    response: Any = field(
        default_factory=lambda: SimpleNamespace(
            status=201,
            duration=1_500_000_000,
            waiting=1_000_000,
            headers={"content-type": "application/json"},
            cookies={"session": "s1"},
            body=b'{"id": 1}',
            text='token="abc123"; x',
            json=JSON,
        )
    )

    def row(self, feeder: str) -> dict[str, Any]:
        return {"venues": {"name": "Old Barn", "guests": "80"}}[feeder]


@pytest.fixture
def scope() -> KnownScope:
    return KnownScope()

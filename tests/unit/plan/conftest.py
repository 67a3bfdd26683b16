"""A small valid plan that tests change, and a scope with known values for expressions."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.helpers.plans import SMALLEST
from tests.helpers.scopes import KnownScope
from wedload.errors import PlanError
from wedload.plan.loader import LoadedPlan, load_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


@pytest.fixture
def valid() -> str:
    return SMALLEST


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


@pytest.fixture
def scope() -> KnownScope:
    """With some variables, one of the environment, and a response."""
    return KnownScope(
        variables={"form_id": "f-1", "count": 4},
        env={"WEDLOAD_KEY": "k"},
        synthetic=SimpleNamespace(
            email=lambda: "a@example.com", sentence=lambda n=5: "w " * n, responses=len
        ),
        response=SimpleNamespace(
            status=201,
            duration=1_500_000_000,
            waiting=1_000_000,
            headers={"content-type": "application/json"},
            cookies={"session": "s1"},
            body=b'{"id": 1}',
            text='token="abc123"; x',
            json=JSON,
        ),
    )

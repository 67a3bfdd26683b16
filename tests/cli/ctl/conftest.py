"""A run that is to be steered from another terminal, and the command that steers it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.helpers.steered import CONTROLLED

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def plan(wedload, server) -> Path:
    return wedload.plan(CONTROLLED.replace("{url}", server.url))


@pytest.fixture
def ctl(wedload):
    """`wedload ctl …`: what it answered."""

    def ask(*arguments: object) -> dict:
        done = wedload("ctl", *arguments)
        assert done.code == 0, done.err
        return json.loads(done.out)

    return ask


@pytest.fixture
def run(wedload, plan):
    """A run under load that is to be steered."""
    one = wedload.start("run", plan, "-o", "r.json")
    one.under_load(0)
    return one

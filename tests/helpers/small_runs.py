"""Runs of the plans that come with the project, made small."""

from __future__ import annotations

import asyncio
import json
import os

import uvloop

from tests.helpers.places import PLANS
from wedload.plan.loader import load_plan
from wedload.report.live import QuietView
from wedload.results.document import document_of
from wedload.run.options import RunOptions
from wedload.run.session import run_plan


def run_small(
    plan: str,
    *,
    time_scale: float = 1.0,
    overrides: list[str] | None = None,
    once: bool = False,
) -> dict:
    """By the public functions, as a program would."""
    loaded = load_plan(PLANS / plan, overrides=overrides or [])
    options = RunOptions(time_scale=time_scale, seed=1, once=once, tags={"kind": "small"})
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        run = runner.run(run_plan(loaded, options, QuietView(), os.environ))
    return json.loads(json.dumps(document_of(run)))  # it holds nothing but JSON


def outcomes(result: dict) -> dict[str, dict[str, int]]:
    """Of each step, without the one who signs in to sweep up."""
    return {
        step["step"]: step["outcomes"]
        for step in result["steps"]
        if step["scenario"] != "cleanup" or not step["step"].startswith("sign in ")
    }

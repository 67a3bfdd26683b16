"""`wedload schema`."""

from __future__ import annotations

import json

import typer

from wedload.plan.schema import plan_schema


def schema_command() -> None:
    """Print the schema."""
    typer.echo(json.dumps(plan_schema(), indent=2))

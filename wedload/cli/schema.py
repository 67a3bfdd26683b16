"""`wedload schema`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from wedload.cli.app import SchemaOf


def schema_command(of: SchemaOf) -> None:
    """Print a schema."""
    if of == "result":
        from wedload.results.schema import result_schema as made  # noqa: PLC0415 - one of both
    else:
        from wedload.plan.schema import plan_schema as made  # noqa: PLC0415
    typer.echo(json.dumps(made(), indent=2))

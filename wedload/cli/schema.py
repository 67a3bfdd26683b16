"""`wedload schema`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from wedload.cli.app import SchemaOf


def schema_command(of: SchemaOf) -> None:
    """Print a schema."""
    # one of them is imported
    match of:
        case "plan":
            from wedload.plan.schema import plan_schema as made  # noqa: PLC0415
        case "result":
            from wedload.results.schema import result_schema as made  # noqa: PLC0415
        case "comparison":
            from wedload.report.comparison.document import (  # noqa: PLC0415
                comparison_schema as made,
            )
    typer.echo(json.dumps(made(), indent=2))

"""`wedload schema`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.cli.output import print_json

if TYPE_CHECKING:
    from wedload.cli.options import SchemaOf


def schema_command(of: SchemaOf) -> None:
    """Print a schema."""
    # one of them is imported
    match of:
        case "plan":
            from wedload.plan.schema import plan_schema as made
        case "result":
            from wedload.results.schema import result_schema as made
        case "comparison":
            from wedload.report.comparison.document import (
                comparison_schema as made,
            )
    print_json(made())

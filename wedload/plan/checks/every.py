"""The second pass over a plan: that what it names exists and fits together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.plan.checks.addresses import check_addresses
from wedload.plan.checks.awaits import check_awaits
from wedload.plan.checks.benchmarks import check_rows
from wedload.plan.checks.channels import check_channels
from wedload.plan.checks.cleanup import check_cleanup
from wedload.plan.checks.databases import check_databases
from wedload.plan.checks.fault_proxies import check_fault_proxies
from wedload.plan.checks.faults import check_faults
from wedload.plan.checks.listening import check_ports
from wedload.plan.checks.monitoring import check_monitoring
from wedload.plan.checks.resources import check_resources
from wedload.plan.checks.routes import check_routes
from wedload.plan.checks.steps import check_steps
from wedload.plan.checks.third_parties import check_third_parties
from wedload.plan.checks.tracing import check_tracing
from wedload.plan.checks.variables import check_names
from wedload.plan.expressions.expression import suggest
from wedload.plan.scenarios import check_scenarios
from wedload.plan.secrets.environment import check_environment
from wedload.plan.secrets.files import check_secret_files
from wedload.plan.targets import check_targets
from wedload.plan.uses import uses_of

if TYPE_CHECKING:
    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan


def check_references(draft: Draft, plan: Plan) -> None:
    """Report all that is certainly wrong; what depends on something taken out is not judged."""
    check_targets(draft, plan)
    check_scenarios(draft, plan)
    check_channels(draft, plan)
    check_third_parties(draft, plan)
    check_fault_proxies(draft, plan)
    check_faults(draft, plan)
    check_routes(draft, plan)
    check_tracing(draft, plan)
    check_resources(draft, plan)
    check_monitoring(draft, plan)
    check_ports(draft, plan)
    check_addresses(draft, plan)
    check_databases(draft, plan)
    check_steps(draft, plan)
    check_cleanup(draft, plan)
    check_awaits(draft, plan)
    check_names(draft, plan)
    check_environment(draft, plan)
    check_secret_files(draft, plan)
    _check_feeders(draft, plan)
    check_rows(draft, plan)


def _check_feeders(draft: Draft, plan: Plan) -> None:
    known = draft.written_keys("data")
    columns = {
        name: sorted({key for row in item.rows for key in row}) for name, item in plan.data.items()
    }
    for use in uses_of(plan):
        for feeder, column in sorted(use.reads.columns, key=str):
            if ("data",) in draft.pruned:
                continue
            if feeder not in known:
                hint = suggest(feeder, known, lead="did you mean ") or f"write [data.{feeder}]"
                draft.report(use.path, f'there is no data file "{feeder}"', hint)
            elif column is None or draft.damaged(("data", feeder)):
                continue
            elif column not in columns[feeder]:
                near = suggest(column, columns[feeder], lead="did you mean ")
                hint = near or f"columns: {', '.join(columns[feeder])}"
                draft.report(use.path, f'the data file "{feeder}" has no column "{column}"', hint)

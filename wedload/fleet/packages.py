"""Whether what a plan asks for is installed: found out before any load, not by each request."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from wedload.errors import UsageError

if TYPE_CHECKING:
    from wedload.plan.model import Target


def require_database_packages(name: str) -> None:
    """Refuse a PostgreSQL database that nobody here can talk to.

    Raises:
        UsageError: asyncpg is missing; says how to install it.
    """
    if find_spec("asyncpg") is None:
        raise UsageError(
            f"database {name}: PostgreSQL needs the package asyncpg, which is not installed",
            "install it with: pip install 'wedload[postgres]'",
        )


def require_packages(name: str, target: Target) -> None:
    """Refuse a target that load processes have not got the packages for.

    Raises:
        UsageError: a package is missing; says how to install it.
    """
    if target.http != "1.1" and find_spec("ngh2") is None:
        raise UsageError(
            f'target {name}: http = "{target.http}" needs the package ngh2, which is not installed',
            "install it with: pip install 'wedload[http2]'",
        )


def tracing_missing() -> bool:
    """Whether what reads spans is not installed."""
    try:
        return find_spec("opentelemetry.proto") is None
    except ModuleNotFoundError:  # nothing of OpenTelemetry is
        return True


def require_tracing() -> None:
    """Refuse to receive spans that cannot be read.

    Raises:
        UsageError: a package is missing; says how to install it.
    """
    if tracing_missing():
        raise UsageError(
            "[tracing] needs the package opentelemetry-proto, which is not installed",
            "install it with: pip install 'wedload[tracing]'",
        )


def exposition_missing() -> bool:
    """Whether what writes Prometheus' text format is not installed."""
    return find_spec("prometheus_client") is None


def require_exposition() -> None:
    """Refuse to be fetched by a Prometheus in a format that nobody here can write.

    Raises:
        UsageError: a package is missing; says how to install it.
    """
    if exposition_missing():
        raise UsageError(
            "[monitoring] prometheus.listen needs the package prometheus-client, which is not"
            " installed",
            "install it with: pip install 'wedload[monitoring]'",
        )

"""Whether what a plan asks for is installed: found out before any load, not by each request."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from wedload.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.model import Target
    from wedload.plan.monitoring import Monitoring

#: key below `[monitoring.prometheus]` -> module that it takes, and the package that has it
_OF_PROMETHEUS: Final = {
    "remote_write": ("cramjam", "cramjam"),
    "listen": ("prometheus_client", "prometheus-client"),
    "pushgateway": ("prometheus_client", "prometheus-client"),
}


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
    return not _is_there("opentelemetry.proto")


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


def missing_for(monitoring: Monitoring | None) -> dict[str, str]:
    """What a plan's monitoring takes and is not installed: key below `[monitoring]` -> package."""
    if monitoring is None:
        return {}
    return {key: package for key, (module, package) in _needs(monitoring) if not _is_there(module)}


def require_monitoring(monitoring: Monitoring) -> None:
    """Refuse to send figures in a format that nobody here can write.

    Raises:
        UsageError: a package is missing; says how to install it.
    """
    for key, package in missing_for(monitoring).items():
        raise UsageError(
            f"[monitoring] {key} needs the package {package}, which is not installed",
            "install it with: pip install 'wedload[monitoring]'",
        )


def _needs(monitoring: Monitoring) -> Iterator[tuple[str, tuple[str, str]]]:
    if (prometheus := monitoring.prometheus) is not None:
        for key, needed in _OF_PROMETHEUS.items():
            if getattr(prometheus, key) is not None:
                yield f"prometheus.{key}", needed
    if monitoring.otlp is not None:
        yield "otlp", ("opentelemetry.proto", "opentelemetry-proto")


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even what it is a part of
        return False

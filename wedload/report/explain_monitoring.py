"""What `wedload check` says of monitoring: who is told what of a run, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.units import format_duration_ns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wedload.plan.model import Plan
    from wedload.plan.monitoring import Monitoring
    from wedload.report.explain_lines import Line


def monitoring_lines(plan: Plan, missing: Mapping[str, str] | None = None) -> Iterator[Line]:
    """A line for each who is told; `missing`: packages that a run needs, by their keys.

    Addresses stand there as they are written: what is secret of them is read by a run alone.
    """
    monitoring = plan.monitoring
    if monitoring is None:
        return
    every = format_duration_ns(monitoring.every)
    for to in _told(monitoring):
        yield f"figures of the run go to {to}, every {every}", "dim"
    prometheus = monitoring.prometheus
    if prometheus is not None and prometheus.listen is not None:
        host, _, port = prometheus.listen.rpartition(":")
        where = f"{host}, any free port," if port == "0" else prometheus.listen
        yield f"a Prometheus may fetch figures at {where} as /metrics", "dim"
    if prometheus is not None and prometheus.pushgateway is not None:
        yield f"the verdict goes to the Pushgateway {prometheus.pushgateway.source}", "dim"
    yield from _alertmanager_lines(monitoring)
    if monitoring.grafana is not None:
        url = monitoring.grafana.url.source
        yield f"stages and faults become annotations at the Grafana {url}", "dim"
    for one in monitoring.notify:
        which = "the verdict" if one.on == "always" else "a verdict that is not a pass"
        yield f"{which} is told to {one.url.source}", "dim"
    if missing:
        needed = ", ".join(sorted(set(missing.values())))
        yield f"a run needs {needed}: pip install 'wedload[monitoring]'", "yellow"


def _alertmanager_lines(monitoring: Monitoring) -> Iterator[Line]:
    """What of its alerts the run silences, and whether it raises its own."""
    asked = monitoring.alertmanager
    if asked is None:
        return
    lasts = format_duration_ns(asked.silence_for)
    for matchers in asked.silence:
        alerts = " ".join(map(str, matchers))
        yield (
            f"silenced at {asked.url.source} while the run lasts (else for {lasts}): {alerts}",
            "dim",
        )
    if asked.alerts:
        yield f"rows that burn are alerts at {asked.url.source}", "dim"


def _told(monitoring: Monitoring) -> Iterator[str]:
    prometheus = monitoring.prometheus
    if prometheus is not None and prometheus.remote_write is not None:
        yield f"{prometheus.remote_write.source} (remote write)"
    if monitoring.otlp is not None:
        yield f"{monitoring.otlp.endpoint.source} (OTLP)"
    if monitoring.json_lines is not None:
        yield f"the file {monitoring.json_lines}"

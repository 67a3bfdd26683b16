"""The monitoring of a plan: that somebody is told, can be, and is told what cannot be mistaken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.plan.checks.listening import check_listen
from wedload.plan.confinement import FileRefusedError
from wedload.plan.monitoring import ALERT_LABELS, OWN_LABELS
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan
    from wedload.plan.monitoring import Monitoring

#: what a file of lines is called: a plan adds to no file that may be something else
ENDING: Final = ".jsonl"
#: of a silence: so long after the last renewal it ends by itself
LEAST_SILENCE_NS: Final = 5 * NS_PER_S
MOST_SILENCE_NS: Final = 300 * NS_PER_S
_WHO: Final = ("prometheus", "otlp", "json_lines", "alertmanager", "grafana", "notify")
_PROMETHEUS: Final = ("remote_write", "listen", "pushgateway")


def check_monitoring(draft: Draft, plan: Plan) -> None:
    """Report what is wrong with it."""
    monitoring = plan.monitoring
    if monitoring is None:
        return
    _check_somebody(draft)
    _check_every(draft, monitoring)
    _check_labels(draft, monitoring)
    _check_file(draft, monitoring)
    _check_alertmanager(draft, monitoring)
    prometheus, where = monitoring.prometheus, ("monitoring", "prometheus", "listen")
    if prometheus is not None and prometheus.listen is not None and not draft.damaged(where):
        check_listen(draft, where, prometheus.listen, expose=prometheus.expose)


def _check_alertmanager(draft: Draft, monitoring: Monitoring) -> None:
    asked, where = monitoring.alertmanager, ("monitoring", "alertmanager")
    if asked is None or draft.damaged(where):
        return
    if not LEAST_SILENCE_NS <= asked.silence_for <= MOST_SILENCE_NS:
        message = "must be from 5s to 5m: it is renewed as long as the run lasts"
        draft.report((*where, "silence_for"), message, "a silence of a dead run ends so soon: 60s")
    for name, _ in asked.labels:
        if name in ALERT_LABELS:
            message = f"`{name}` is a label of wedload's own: it says what an alert is of"
            draft.report((*where, "labels", name), message, f"call it {name}_of, or what it is")


def _check_somebody(draft: Draft) -> None:
    where = ("monitoring",)
    if draft.damaged(where):
        return
    written = draft.written_keys(*where)
    if not any(one in written for one in _WHO):
        hint = 'write [monitoring.prometheus] listen = "127.0.0.1:9646", or take the table out'
        draft.report(where, "tells nobody of anything", hint)
    below = (*where, "prometheus")
    if "prometheus" in written and not set(_PROMETHEUS) & set(draft.written_keys(*below)):
        message = "says neither where a Prometheus is sent the figures nor where it fetches them"
        draft.report(below, message, 'write remote_write, listen or pushgateway = "…"')


def _check_every(draft: Draft, monitoring: Monitoring) -> None:
    path = ("monitoring", "every")
    if monitoring.every < NS_PER_S and not draft.damaged(path):
        draft.report(path, "is less than a second", "there are new figures once a second: 1s")


def _check_labels(draft: Draft, monitoring: Monitoring) -> None:
    path = ("monitoring", "labels")
    for name, _ in () if draft.damaged(path) else monitoring.labels:
        if name in OWN_LABELS:
            message = f"`{name}` is a label of wedload's own: it says what a series is of"
            draft.report((*path, name), message, f"call it {name}_of, or what it is")


def _check_file(draft: Draft, monitoring: Monitoring) -> None:
    path, name = ("monitoring", "json_lines"), monitoring.json_lines
    if name is None or draft.damaged(path):
        return
    if not name.endswith(ENDING):
        message = f'"{name}" does not end in {ENDING}'
        draft.report(path, message, f'write json_lines = "figures{ENDING}"; lines are added to it')
        return
    try:
        draft.folders.place(name)
    except FileRefusedError as error:
        draft.report(path, str(error), error.hint)

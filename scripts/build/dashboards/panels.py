"""Panels of a dashboard, and the dashboard, as the JSON that Grafana reads; knows no metric.

Source: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
"""

from __future__ import annotations

import string
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Json = dict[str, Any]
Kind = Literal["timeseries", "stat", "table", "state-timeline", "heatmap", "bargauge"]
_COLUMNS: Final = 24
_DATASOURCE: Final[Json] = {"type": "prometheus", "uid": "${datasource}"}
#: of Grafana 10.4; later ones read it, and make theirs of it
_SCHEMA: Final = 39


@dataclass(frozen=True, slots=True)
class Query:
    """What a panel asks, and what a series of the answer is called."""

    expr: str
    legend: str = "__auto"


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel; tables, stats and bars ask for one instant, the others for all of the time."""

    kind: Kind
    title: str
    about: str
    queries: tuple[Query, ...]
    unit: str = "short"  # as Grafana calls it
    width: int = 12  # of 24
    height: int = 8
    bad_above: float | None = None  # what is above is red …
    bad_below: float | None = None  # … or below
    states: dict[str, tuple[str, str]] = field(default_factory=dict)  # value -> text, colour
    columns: tuple[str, ...] = ()  # of a table: what the value of each query is called
    units: tuple[str, ...] = ()  # and what it is in


@dataclass(frozen=True, slots=True)
class Section:
    """Panels below a heading."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """A choice at the top of a dashboard: values of a label."""

    name: str
    label: str
    query: str
    many: bool = False


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A dashboard."""

    uid: str
    title: str
    about: str
    variables: tuple[Variable, ...]
    sections: tuple[Section, ...]
    refresh: str = "5s"
    since: str = "now-15m"

    def json(self) -> Json:
        """As a file of dashboards has it."""
        return {
            "uid": self.uid,
            "title": self.title,
            "description": self.about,
            "tags": ["wedload"],
            "schemaVersion": _SCHEMA,
            "version": 1,
            "editable": True,
            "graphTooltip": 1,
            "refresh": self.refresh,
            "timezone": "browser",
            "time": {"from": self.since, "to": "now"},
            "annotations": {"list": [_ANNOTATIONS]},
            "links": [_LINKS],
            "templating": {"list": [_CHOOSE_DATASOURCE, *map(_variable, self.variables)]},
            "panels": _placed(self.sections),
        }


#: stages and faults, which wedload tells Grafana of
_ANNOTATIONS: Final[Json] = {
    "name": "stages and faults",
    "datasource": {"type": "grafana", "uid": "-- Grafana --"},
    "enable": True,
    "iconColor": "orange",
    "target": {"type": "tags", "tags": ["wedload"], "matchAny": False, "limit": 200},
}
_LINKS: Final[Json] = {
    "title": "wedload", "type": "dashboards", "tags": ["wedload"], "asDropdown": True,
    "includeVars": True, "keepTime": True,
}  # fmt: skip
_CHOOSE_DATASOURCE: Final[Json] = {
    "name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus",
}  # fmt: skip
_ALL: Final[Json] = {"allValue": ".*", "current": {"text": "All", "value": "$__all"}}


def _variable(one: Variable) -> Json:
    return {
        "name": one.name,
        "label": one.label,
        "type": "query",
        "datasource": _DATASOURCE,
        "definition": one.query,
        "query": {"query": one.query, "refId": one.name},
        "refresh": 2,  # with the time range
        "sort": 2,  # names of runs begin with their date: the newest first
        "multi": one.many,
        "includeAll": one.many,
        **(_ALL if one.many else {"current": {}}),
    }


def _placed(sections: tuple[Section, ...]) -> list[Json]:
    """Side by side where there is room, each section below its heading."""
    placed: list[Json] = []
    y = 0
    for section in sections:
        heading = {"type": "row", "title": section.title, "collapsed": False, "panels": []}
        placed.append({"id": len(placed) + 1, **heading, "gridPos": _at(0, y, _COLUMNS, 1)})
        x, y, tallest = 0, y + 1, 0
        for panel in section.panels:
            if x + panel.width > _COLUMNS:
                x, y, tallest = 0, y + tallest, 0
            place = _at(x, y, panel.width, panel.height)
            placed.append({"id": len(placed) + 1, **_panel(panel), "gridPos": place})
            x, tallest = x + panel.width, max(tallest, panel.height)
        y += tallest
    return placed


def _at(x: int, y: int, width: int, height: int) -> Json:
    return {"x": x, "y": y, "w": width, "h": height}


def _panel(one: Panel) -> Json:
    asked = zip(string.ascii_uppercase, one.queries, strict=False)
    found: Json = {
        "type": one.kind,
        "title": one.title,
        "description": one.about,
        "datasource": _DATASOURCE,
        "targets": [_target(one.kind, ref, query) for ref, query in asked],
        "fieldConfig": {"defaults": _defaults(one), "overrides": _overrides(one)},
        "options": _OPTIONS[one.kind],
    }
    if one.kind == "table":
        found["transformations"] = _merged(one)
    return found


def _target(kind: Kind, ref: str, query: Query) -> Json:
    instant = kind in {"table", "stat", "bargauge"}
    shape = {"table": "table", "heatmap": "heatmap"}.get(kind, "time_series")
    return {
        "refId": ref, "datasource": _DATASOURCE, "expr": query.expr, "legendFormat": query.legend,
        "instant": instant, "range": not instant, "format": shape,
    }  # fmt: skip


def _defaults(one: Panel) -> Json:
    found: Json = {"unit": one.unit, "thresholds": {"mode": "absolute", "steps": _steps(one)}}
    bounded = one.bad_above is not None or one.bad_below is not None
    if one.kind == "timeseries":
        found["min"] = 0
        found["color"] = {"mode": "palette-classic"}
        found["custom"] = {
            "drawStyle": "line", "lineWidth": 1, "fillOpacity": 5, "showPoints": "never",
            "thresholdsStyle": {"mode": "line" if bounded else "off"},
        }  # fmt: skip
    elif one.kind != "heatmap":
        found["color"] = {"mode": "thresholds"}
    if one.states:
        found["mappings"] = [_states(one)]
    return found


def _steps(one: Panel) -> list[Json]:
    if one.bad_above is not None:
        return [{"color": "green", "value": None}, {"color": "red", "value": one.bad_above}]
    if one.bad_below is not None:
        return [{"color": "red", "value": None}, {"color": "green", "value": one.bad_below}]
    return [{"color": "blue", "value": None}]


def _states(one: Panel) -> Json:
    states = {
        value: {"text": text, "color": color, "index": index}
        for index, (value, (text, color)) in enumerate(one.states.items())
    }
    return {"type": "value", "options": states}


def _overrides(one: Panel) -> list[Json]:
    """Of a table: what each column is in."""
    return [
        {
            "matcher": {"id": "byName", "options": column},
            "properties": [{"id": "unit", "value": unit}],
        }
        for column, unit in zip(one.columns, one.units, strict=False)
    ]


def _merged(one: Panel) -> list[Json]:
    """One row for each set of labels, with a column for each query."""
    named = {
        f"Value #{ref}" if len(one.columns) > 1 else "Value": column
        for ref, column in zip(string.ascii_uppercase, one.columns, strict=False)
    }
    return [
        {"id": "merge", "options": {}},
        {"id": "organize", "options": {"excludeByName": {"Time": True}, "renameByName": named}},
    ]


_LAST: Final[Json] = {"calcs": ["lastNotNull"], "fields": "", "values": False}
_OPTIONS: Final[dict[Kind, Json]] = {
    "timeseries": {
        "legend": {
            "displayMode": "table", "placement": "bottom", "showLegend": True,
            "calcs": ["lastNotNull", "max"],
        },
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
    "stat": {"reduceOptions": _LAST, "colorMode": "value", "graphMode": "none"},
    "bargauge": {"reduceOptions": _LAST, "orientation": "horizontal", "displayMode": "basic"},
    "table": {"showHeader": True, "cellHeight": "sm"},
    "state-timeline": {"showValue": "never", "mergeValues": True, "rowHeight": 0.8},
    "heatmap": {
        "calculate": False, "cellGap": 1, "color": {"scheme": "Oranges", "mode": "scheme"},
        "yAxis": {"unit": "s"},
    },
}  # fmt: skip

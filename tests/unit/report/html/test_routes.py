"""Routes of a report: the table of both ways, what Envoy counted, and names as they are."""

from __future__ import annotations

import re

from tests.helpers.routed import CLUSTER, routed
from wedload.report.html.page import report_page
from wedload.report.html.routes import routes

HOSTILE = "<script>alert(1)</script>"


def cells(html):
    """Texts of all cells, row by row."""
    found = re.findall(r"<tr>(.*?)</tr>", str(html))
    return [
        [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row)]
        for row in found
    ]


def test_each_route_and_step_has_its_means_intervals_and_quantiles():
    rows = cells(routes(routed()))
    assert rows[1][:6] == [
        "gate",
        "4,000",
        "0.468 ms",
        "0.778 ms",
        "+0.310 ms",
        "+0.294 … +0.327 ms",
    ]
    assert [row[0] for row in rows[1:4]] == ["gate", "look", "find"]
    assert rows[5][:3] == ["gate", "platform", "4,012"]
    assert [row[3] for row in rows[5:]] == ["! 9"]


def test_the_page_has_a_section_of_them_and_names_stay_text():
    hostile = CLUSTER | {"cluster": HOSTILE}
    page = report_page(
        routed(envoy={"admin": "http://127.0.0.1:1", "clusters": [hostile]}, name=HOSTILE)
    )
    assert '<h2 id="routes-title">Routes</h2>' in page
    assert HOSTILE not in page

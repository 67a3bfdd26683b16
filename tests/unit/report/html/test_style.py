"""The palette of `report/html/assets/style.css`: text can be read on what it stands on.

Source: WCAG 2.2, relative luminance and contrast ratio; 1.4.3 asks for 4.5 of text, 1.4.11 for 3 of
graphics.
"""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

STYLE = (files("wedload.report.html") / "assets" / "style.css").read_text()
_VARIABLE = re.compile(r"(--[a-z0-9-]+):\s*(#[0-9a-f]{6})\b")


def palettes() -> dict[str, dict[str, str]]:
    light, dark = STYLE.index(":root {"), STYLE.index(":root:not(.printing) {")
    assert light < dark
    found = {"light": dict(_VARIABLE.findall(STYLE[light:dark]))}
    end = STYLE.index("}", dark)
    return found | {"dark": found["light"] | dict(_VARIABLE.findall(STYLE[dark:end]))}


PALETTES = palettes()
TEXTS = [
    ("--fg", "--bg"), ("--fg", "--panel"), ("--muted", "--bg"), ("--muted", "--panel"),
    ("--accent", "--bg"), ("--good", "--bg"), ("--bad", "--bg"), ("--unsure", "--bg"),
    ("--good", "--panel"), ("--bad", "--panel"), ("--unsure", "--panel"),
    ("--good", "--good-bg"), ("--bad", "--bad-bg"), ("--unsure", "--unsure-bg"),
    ("--fg", "--good-bg"), ("--fg", "--bad-bg"), ("--fg", "--unsure-bg"),
]  # fmt: skip
LINES = ["--c-requests", "--c-failed", "--c-vus", "--c-p50", "--c-p95", "--c-last",
         *(f"--s{n}" for n in range(1, 9))]  # fmt: skip


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_wcag_says():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", PALETTES)
@pytest.mark.parametrize(("text", "ground"), TEXTS)
def test_text_can_be_read(theme, text, ground):
    assert contrast(PALETTES[theme][text], PALETTES[theme][ground]) >= 4.5


@pytest.mark.parametrize("theme", PALETTES)
@pytest.mark.parametrize("name", LINES)
def test_lines_can_be_seen(theme, name):
    assert contrast(PALETTES[theme][name], PALETTES[theme]["--bg"]) >= 3


@pytest.mark.parametrize("theme", PALETTES)
def test_more_requests_are_further_from_the_ground(theme):
    heat = [luminance(PALETTES[theme][f"--heat-{n}"]) for n in range(6)]
    assert heat == sorted(heat, reverse=theme == "light")


def test_both_themes_name_the_same_colours():
    light, dark = (set(PALETTES[theme]) for theme in ("light", "dark"))
    assert light == dark
    dark_block = STYLE[STYLE.index(":root:not(.printing) {") :].partition("}")[0]
    assert set(dict(_VARIABLE.findall(dark_block))) == light


def test_every_colour_that_is_used_is_in_the_palette():
    charts = files("wedload.report.html") / "charts"
    used = set(re.findall(r"var\((--[a-z0-9-]+)\)", STYLE))
    for file in charts.iterdir():
        if file.name.endswith(".py"):
            used |= set(re.findall(r"var\((--[a-z0-9-]+)\)", file.read_text()))
    assert used - {"--tone", "--tone-bg", "--name"} <= set(PALETTES["light"]) | {
        "--band-a", "--band-b", "--band-fault", "--label",
    }  # fmt: skip

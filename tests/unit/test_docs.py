"""The documentation (`docs`): its plans are plans, and its links lead somewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.helpers.places import ROOT
from wedload.errors import PlanError
from wedload.plan.loader import load_plan

if TYPE_CHECKING:
    from pathlib import Path

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *ROOT.glob("scripts/*/*.md")]
PAGES += sorted(ROOT.glob("monitoring/*/*.md"))
IDS = [page.relative_to(ROOT).as_posix() for page in PAGES]
PLANS = [
    pytest.param(plan, id=f"{name}-{number}")
    for page, name in zip(PAGES, IDS, strict=True)
    for number, plan in enumerate(
        re.findall(r"```toml\n(schema = 1\n.*?)```", page.read_text(), re.DOTALL)
    )
]


def anchors(page: Path) -> set[str]:
    """What a page's headings are called in links, as GitHub makes it of them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_plans_are_found():
    assert len(PLANS) >= 2


@pytest.mark.parametrize("plan", PLANS)
def test_a_whole_plan_of_the_documentation_is_right(plan, tmp_path):
    (tmp_path / "plan.toml").write_text(plan)
    load_plan(tmp_path / "plan.toml")


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_links_lead_to_a_file_and_a_heading(page):
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith("https://"):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_the_mistake_in_the_readme_is_told_as_it_says(tmp_path):
    readme = (ROOT / "README.md").read_text()
    plan = re.findall(r"```toml\n(schema = 1\n.*?)```", readme, re.DOTALL)[0]
    quoted = re.findall(r"```\n(first\.toml:.*?)\n```", readme, re.DOTALL)[0]
    (tmp_path / "first.toml").write_text(plan.replace('workflow = "search"', 'workflow = "serch"'))
    with pytest.raises(PlanError) as error:
        load_plan(tmp_path / "first.toml")
    (problem,) = error.value.problems
    assert str(problem) == f"{tmp_path}/{quoted}"

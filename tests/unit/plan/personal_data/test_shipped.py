"""What `plans`, docs and tests hold is nobody's: all of it is scanned, a line at a time."""

from __future__ import annotations

import pytest

from tests.helpers.places import ROOT
from wedload.plan.personal_data.scan import find_in_line, may_hold

#: what is about real-looking values, and so has them
ABOUT = {
    "tests/unit/plan/personal_data/": "finds them",
    "tests/helpers/hostile.py": "has plans with them",
    "tests/cli/test_data.py": "has them refused",
    "docs/data-protection.md": "shows one that is accepted",
    "tests/integration/sandbox/test_signing_in.py": "the sandbox refuses them",
    "tests/integration/sandbox/third_parties/": "the sandbox refuses them",
    "tests/unit/safety/": "the guard refuses them",
    "tests/unit/channels/webhook/test_listening.py": "nobody may listen there",
    "tests/unit/fleet/test_reach.py": "nothing may go there",
    "tests/unit/run/test_third_parties.py": "nothing may go there",
    "tests/unit/protocols/http/test_cookies.py": "names that are addresses",
    "tests/unit/protocols/http/test_digest.py": "the realm of RFC 7616",
    "wedload/plan/personal_data/": "says what is looked for",
    "wedload/safety/": "says which addresses are public",
    "wedload/report/html/markup.py": "a section of the HTML standard, which looks like an address",
    "wedload/simulators/google_calendar.py": "uids of Google Calendar look like addresses",
}
PLACES = [
    "plans/**/*",
    "docs/**/*",
    "tests/**/*",
    "scripts/**/*",
    "benchmarks/**/*",
    "wedload/**/*",
]
KINDS = {".csv", ".json", ".jsonl", ".md", ".py", ".sh", ".toml", ".txt", ".yaml", ".yml"}


@pytest.mark.parametrize("place", [*PLACES, "*.md"])
def test_nothing_that_is_shipped_may_be_somebodys(place):
    found = []
    for path in sorted(ROOT.glob(place)):
        name = path.relative_to(ROOT).as_posix()
        installed = "/." in name  # peers that benchmarks install for themselves
        if path.suffix not in KINDS or installed or name.startswith(tuple(ABOUT)):
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1):
            if may_hold(line):
                found += [f"{name}:{number}: {one.masked}" for one in find_in_line(line)]
    assert found == []

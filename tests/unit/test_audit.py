"""The audit of dependencies (`scripts/build/audit.py`): what was not looked up is not sound."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.helpers.places import ROOT

SCRIPT = ROOT / "scripts" / "build" / "audit.py"

# what pip-audit 2.10 writes with --format json
SOUND = {"name": "orjson", "version": "3.10.0", "vulns": []}
BROKEN = {
    "name": "jinja2", "version": "2.4.1",
    "vulns": [
        {"id": "PYSEC-2019-217", "fix_versions": ["2.10.1"], "aliases": [], "description": "…"},
        {"id": "PYSEC-2099-1", "fix_versions": [], "aliases": [], "description": "…"},
    ],
}  # fmt: skip
SKIPPED = {"name": "typer", "skip_reason": "Dependency not found on PyPI and could not be audited"}


@pytest.fixture
def audit(tmp_path):
    """The script with a pip-audit that says this: exit code and output."""

    def run(out: str, *options: str, err: str = "", code: int = 0) -> tuple[int, str]:
        program = tmp_path / "pip-audit"
        program.write_text(
            f"#!{sys.executable}\nimport sys\nprint({out!r})\n"
            f"print({err!r}, file=sys.stderr)\nsys.exit({code})\n"
        )
        program.chmod(0o700)
        command = [sys.executable, SCRIPT, "--program", program, *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    return run


def said(*dependencies: dict) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


def test_where_nothing_is_known_of_any_package_it_is_well(audit):
    code, out = audit(said(SOUND))

    assert code == 0
    assert out == "1 packages looked up, nothing known of them\n"


def test_a_known_vulnerability_is_a_failure_with_its_remedy(audit):
    code, out = audit(said(SOUND, BROKEN), code=1)

    assert code == 1
    assert "jinja2 2.4.1: PYSEC-2019-217, mended in 2.10.1" in out
    assert "jinja2 2.4.1: PYSEC-2099-1, mended in no version yet" in out
    assert "2 packages looked up, 2 known vulnerabilities" in out


def test_what_could_not_be_looked_up_is_named(audit):
    code, out = audit(said(SOUND, SKIPPED))

    assert code == 0
    assert "not audited: 1 of 2: typer" in out


@pytest.mark.parametrize(
    ("out", "err", "why"),
    [
        (said(SKIPPED, SKIPPED), "", "the service knows none of the packages"),
        ("", "Traceback\nNameResolutionError: api.osv.dev", "NameResolutionError: api.osv.dev"),
        (said(), "", "the service knows none of the packages"),
    ],
)
def test_where_nothing_could_be_looked_up_it_is_not_audited_which_is_an_error_if_required(
    audit, out, err, why
):
    code, told = audit(out, err=err, code=1)
    assert code == 0
    assert told.startswith("NOT AUDITED: ")
    assert why in told

    assert audit(out, "--require", err=err, code=1)[0] == 3


def test_what_is_audited_is_what_is_installed_but_for_this_project(tmp_path):
    program = tmp_path / "pip-audit"
    program.write_text(
        f"#!{sys.executable}\nimport shutil, sys\n"
        f"shutil.copy(sys.argv[2], {str(tmp_path / 'asked')!r})\nprint('{{}}')\n"
    )
    program.chmod(0o700)

    subprocess.run([sys.executable, SCRIPT, "--program", program], check=True, capture_output=True)

    asked = dict(line.split("==") for line in (tmp_path / "asked").read_text().splitlines())
    assert {"orjson", "numpy", "pytest"} <= asked.keys()
    assert "wedload" not in asked

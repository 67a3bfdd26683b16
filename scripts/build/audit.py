"""Look up the installed packages in a database of known vulnerabilities, by pip-audit.

    python scripts/build/audit.py               # what cannot be looked up is said, and no failure
    python scripts/build/audit.py --require     # it is one

pip-audit asks PyPI's JSON API, or OSV with `--service osv`. Where that knows none of the packages,
as a mirror may, it finds "no known vulnerabilities" all the same; this says what was not audited.
It is installed into an environment of its own, build/audit: it is not among what is audited.

Exit codes: 0 nothing is known of any package that could be looked up, 1 a vulnerability is known, 3
nothing could be looked up, with `--require`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import venv
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PLACE = ROOT / "build" / "audit"
#: what is audited is what is installed, and this project is no package that a database knows
OWN = "wedload"
#: seconds for an answer, and for the whole: a network that swallows packets must not hold up CI
ANSWER_S, WHOLE_S = 10, 300


def main() -> int:
    """Audit what is installed beside this Python; the exit code."""
    parser = argparse.ArgumentParser(description="Look for known vulnerabilities.")
    parser.add_argument("--require", action="store_true", help="not audited is an error")
    parser.add_argument("--service", choices=("pypi", "osv"), default="pypi")
    parser.add_argument("--program", type=Path, help="pip-audit itself, if it is somewhere")
    asked = parser.parse_args()
    program = asked.program or installed()
    if program is None:
        said = "pip-audit cannot be installed from here"
        found: dict[str, Any] = {}
    else:
        found, said = audit(program, asked.service)
    lines, code = judged(found, said)
    print("\n".join(lines))
    return code if code != 3 or asked.require else 0


def installed() -> Path | None:
    """pip-audit, installed if need be; None: it cannot be."""
    program = PLACE / "bin" / "pip-audit"
    if not program.exists():
        print("installing pip-audit into build/audit …", flush=True)
        venv.create(PLACE, with_pip=True)
        command = [PLACE / "bin" / "python", "-m", "pip", "install", "-qq", "pip-audit>=2.10"]
        if subprocess.run(command, check=False).returncode:
            return None
    return program


def packages() -> list[str]:
    """What is installed, as `name==version`."""
    found = {one.metadata["Name"]: one.version for one in distributions()}
    return sorted(f"{name}=={version}" for name, version in found.items() if name != OWN)


def audit(program: Path, service: str) -> tuple[dict[str, Any], str]:
    """What pip-audit says in JSON, and what it complains about."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as wanted:
        wanted.write("\n".join(packages()))
        wanted.flush()
        command = [
            str(program), "--requirement", wanted.name, "--no-deps", "--disable-pip",
            "--format", "json", "--progress-spinner", "off", "--timeout", str(ANSWER_S),
            "--vulnerability-service", service,
        ]  # fmt: skip
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, timeout=WHOLE_S
            )
        except subprocess.TimeoutExpired:
            return {}, f"no end within {WHOLE_S} s"
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return {}, (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
    return found, ""


def judged(found: dict[str, Any], said: str) -> tuple[list[str], int]:
    """What an audit comes to, in lines, and its exit code."""
    every = found.get("dependencies", [])
    skipped = [one["name"] for one in every if "vulns" not in one]
    known = [one for one in every if one.get("vulns")]
    lines = []
    for one in known:
        for each in one["vulns"]:
            fixed = ", ".join(each.get("fix_versions", [])) or "no version yet"
            lines.append(f"{one['name']} {one['version']}: {each['id']}, mended in {fixed}")
    looked_up = len(every) - len(skipped)
    if not looked_up:
        why = said or "the service knows none of the packages, so it is not the whole one"
        return [f"NOT AUDITED: no package could be looked up from here: {why}"], 3
    if skipped:
        lines.append(f"not audited: {len(skipped)} of {len(every)}: {', '.join(skipped)}")
    what = f"{sum(len(one['vulns']) for one in known)} known vulnerabilities"
    lines.append(f"{looked_up} packages looked up, {what if known else 'nothing known of them'}")
    return lines, int(bool(known))


if __name__ == "__main__":
    sys.exit(main())

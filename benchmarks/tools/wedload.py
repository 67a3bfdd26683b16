"""wedload itself, as its users run it: `wedload run plan.toml --quiet --output result.json`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.load import Command, Load, Reading, UnableError

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCRIPTS = Path(__file__).parent.parent / "scripts"
#: pip compiles to bytecode what it installs, as other tools, but not what is editable; where the
#: environment keeps Python from writing any, every run would begin with that
_VERSION = """
import compileall, pathlib, wedload
compileall.compile_dir(pathlib.Path(wedload.__file__).parent, quiet=1)
print(wedload.__version__)
"""


def plan(load: Load) -> str:
    """The plan that is this load: a scenario, and the workflow of the scripts' folder."""
    return "\n".join(_lines(load)) + "\n" + (_SCRIPTS / f"{load.flow}.toml").read_text("utf-8")


def _lines(load: Load) -> Iterator[str]:
    yield from ("schema = 1", 'name = "benchmark"', "[targets.server]")
    yield f"base_url = {json.dumps(load.base_url)}"
    if load.ca is not None:
        yield f"tls = {{ ca = {json.dumps(str(load.ca))} }}"
    if load.http2:
        yield 'http = "2"'
    yield "[scenarios.all]"
    yield 'workflow = "flow"'
    if load.pace_s is not None:
        yield f'pace = "{load.pace_s}s"'
    if load.rate_per_s is not None:
        yield 'executor = "constant-arrival-rate"'
        yield f"rate = {load.rate_per_s}"
        yield 'time_unit = "1s"'
        yield f'duration = "{load.seconds}s"'
        yield f"max_vus = {load.vus}"
        yield 'on_saturation = "queue"'
    elif load.stages:
        yield 'executor = "ramping-vus"'
        yield f"start_vus = {load.start_vus}"
        yield "stages = ["
        for seconds, target in load.stages:
            yield f'  {{ duration = "{seconds}s", target = {target} }},'
        yield "]"
    else:
        yield 'executor = "constant-vus"'
        yield f"vus = {load.vus}"
        yield f'duration = "{load.seconds}s"'


class Wedload:
    """The command of the environment that runs the benchmarks."""

    name = "wedload"

    def install(self) -> str:
        """Its version, with the commit if that is known."""
        self._program = Path(sys.executable).with_name("wedload")
        done = subprocess.run(
            [sys.executable, "-c", _VERSION],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        commit = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=_SCRIPTS,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        suffix = f" ({commit.stdout.strip()})" if commit.stdout.strip() else ""
        return done.stdout.strip() + suffix

    def command(self, load: Load, folder: Path) -> Command:
        """Write the plan, and ask `wedload check` whether it would drive it."""
        path = folder / "plan.toml"
        path.write_text(plan(load), encoding="utf-8")
        allowed = [] if load.ca is None else ["--allow-files", str(load.ca.parent)]
        checked = subprocess.run(
            [self._program, "check", path, *allowed], capture_output=True, text=True, check=False
        )
        if checked.returncode:
            lines = (checked.stderr or checked.stdout).strip().splitlines()
            raise UnableError(lines[0].partition(": ")[2] if lines else "wedload check refused it")
        result = str(folder / "result.json")
        argv = [str(self._program), "run", str(path), "--quiet", "--output", result, *allowed]
        return Command(argv)

    def read(self, load: Load, folder: Path) -> Reading:  # noqa: ARG002 - all are asked alike
        """Read the result file."""
        return parse((folder / "result.json").read_text(encoding="utf-8"))


def parse(text: str) -> Reading:
    """A reading of a result file."""
    result = json.loads(text)
    metrics = result["metrics"]

    def percentiles(name: str) -> dict[str, float]:
        trend: dict[str, Any] = metrics.get(name) or {}
        if not trend.get("count"):
            return {}
        return {"p50": trend["med"], "p95": trend["p95"], "p99": trend["p99"]}

    checks = metrics.get("checks")
    return Reading(
        requests=metrics["http_reqs"]["count"],
        errors=metrics["http_req_failed"]["yes"],
        load_s=result["run"]["duration_s"],
        iterations=metrics["iterations"]["count"] if "iterations" in metrics else 0,
        dropped=metrics.get("dropped_iterations", {}).get("count"),
        checks_failed=checks["count"] - checks["yes"] if checks else None,
        percentiles_ms=percentiles("http_req_duration"),
        corrected_ms=percentiles("response_time"),
        iteration_ms=metrics.get("iteration_duration", {}).get("avg"),
    )

"""Pairs of real runs on the sandbox, compared by the command itself: how often it is wrong.

Runs are made in pairs, one after the other; several pairs at a time share the machine, which is
what makes runs that are alike differ. Of every pair the second is either the same again (A/A) or
has one endpoint slowed down by a tenth of its service time (A/B).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PLAN: Final = Path(__file__).with_name("steady.toml")
WEDLOAD: Final = Path(sys.executable).with_name("wedload")
RUN_S: Final = 64
#: endpoint of the step that is slowed down, and the step
_ENDPOINT: Final = "POST /api/forms/*/submit"
_STEP: Final = "submit form"
#: service time of it in A/B runs; the sandbox adds a few ms of its own
BASE_MS: Final = 30.0
_OUTCOMES: Final = ("regression", "no-regression", "inconclusive")


@dataclass(frozen=True, slots=True)
class Kind:
    """What the two runs of a pair are."""

    name: str
    base_ms: float  # by which the endpoint is slowed down
    current_ms: float
    flags: tuple[str, ...] = ()  # of compare


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair that was compared."""

    kind: Kind
    comparison: dict[str, Any]  # wedload.comparison/1

    def named(self, outcome: str) -> list[str]:
        """Names of the rows with an outcome."""
        return [row["name"] for row in self.comparison["rows"] if row["outcome"] == outcome]


def run_pairs(kinds: Iterable[Kind], lanes: int, folder: Path) -> list[Pair]:
    """Run and compare a pair of each kind, so many at a time; results stay in `folder`."""
    with ThreadPoolExecutor(lanes) as pool:
        made = [pool.submit(_pair, kind, folder / f"{n:03}") for n, kind in enumerate(kinds)]
        return [one.result() for one in made]


def _pair(kind: Kind, folder: Path) -> Pair:
    folder.mkdir(parents=True)
    files = [folder / "base.json", folder / "current.json"]
    for file, slow_ms in zip(files, (kind.base_ms, kind.current_ms), strict=True):
        _run(file, slow_ms)
    done = subprocess.run(
        [WEDLOAD, "compare", *files, "--format", "json", *kind.flags],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    if done.returncode not in {0, 1, 3}:
        raise RuntimeError(f"compare ended with {done.returncode}: {done.stderr}")
    (folder / "comparison.json").write_text(done.stdout, encoding="utf-8")
    print(f"{folder.name} {kind.name}: {json.loads(done.stdout)['headline']}", flush=True)
    return Pair(kind, json.loads(done.stdout))


def _run(file: Path, slow_ms: float) -> None:
    slow = {"WEDLOAD_SANDBOX_SLOW": f"{_ENDPOINT}={slow_ms:g}ms"} if slow_ms else {}
    done = subprocess.run(
        [WEDLOAD, "run", PLAN, "--quiet", "-o", file],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False,
        env={**os.environ, **slow}, timeout=RUN_S * 3,
    )  # fmt: skip
    if not file.exists():
        raise RuntimeError(f"the run ended with {done.returncode}: {done.stderr}")


def table(pairs: Sequence[Pair]) -> str:
    """What came of the pairs, as Markdown."""
    lines = [
        "| pairs | compared | of them regression | no regression | inconclusive | not comparable |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for kind in dict.fromkeys(pair.kind for pair in pairs):
        mine = [pair for pair in pairs if pair.kind == kind]
        fit = [pair for pair in mine if pair.comparison["comparable"]]
        counts = Counter(pair.comparison["outcome"] for pair in fit)
        figures = " | ".join(str(counts[outcome]) for outcome in _OUTCOMES)
        lines.append(f"| {kind.name} | {len(fit)} | {figures} | {len(mine) - len(fit)} |")
    return "\n".join(lines)


def rows_table(pairs: Sequence[Pair], kind: Kind) -> str:
    """How often each row of a kind of pairs had which outcome, and how wide its interval was."""
    fit = [pair for pair in pairs if pair.kind == kind and pair.comparison["comparable"]]
    lines = [
        "| row | regression | no regression | inconclusive | not decided | change, middle half |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    names = dict.fromkeys(row["name"] for pair in fit for row in pair.comparison["rows"])
    for name in names:
        rows = [row for p in fit for row in p.comparison["rows"] if row["name"] == name]
        counts = Counter(row["outcome"] for row in rows)
        changes = sorted(row["change"] for row in rows if row["change"] is not None)
        middle = (
            f"{changes[len(changes) // 4]:+.1%} … {changes[-1 - len(changes) // 4]:+.1%}"
            if changes
            else "–"
        )
        figures = " | ".join(str(counts[one]) for one in (*_OUTCOMES, "not-decided"))
        lines.append(f"| {name} | {figures} | {middle} |")
    return "\n".join(lines)


def named_only(pairs: Sequence[Pair], kind: Kind) -> tuple[int, int]:
    """Pairs in which the slowed step was called a regression, and no other step; of how many."""
    fit = [pair for pair in pairs if pair.kind == kind and pair.comparison["comparable"]]
    found = 0
    for pair in fit:
        steps = [
            row for row in pair.comparison["rows"]
            if row["outcome"] == "regression" and "step" in row["where"]
        ]  # fmt: skip
        found += bool(steps) and all(row["where"]["step"] == _STEP for row in steps)
    return found, len(fit)

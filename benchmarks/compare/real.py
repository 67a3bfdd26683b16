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

from benchmarks.report_table import table

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
    base_ms: float = 0.0  # by which the endpoint is slowed down
    current_ms: float = 0.0


ALIKE: Final = Kind("alike")
SLOWER: Final = Kind("one step 10 % slower", BASE_MS, BASE_MS * 1.1 + 0.3)
#: how pairs are compared: as the command does by itself, and without its floor of 1 ms
SETTINGS: Final = {"margin 5 %, floor 1 ms": (), "margin 5 %, no floor": ("--floor", "0ms")}


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair, and by setting what came of comparing it (wedload.comparison/1)."""

    kind: Kind
    compared: dict[str, dict[str, Any]]


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
    pair = Pair(kind, {name: _compare(files, flags) for name, flags in SETTINGS.items()})
    first = next(iter(pair.compared.values()))
    print(f"{folder.name} {kind.name}: {first['headline']}", flush=True)
    return pair


def _compare(files: Sequence[Path], flags: Sequence[str]) -> dict[str, Any]:
    done = subprocess.run(
        [WEDLOAD, "compare", *files, "--format", "json", *flags],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    if done.returncode not in {0, 1, 3}:
        raise RuntimeError(f"compare ended with {done.returncode}: {done.stderr}")
    compared: dict[str, Any] = json.loads(done.stdout)
    return compared


def _run(file: Path, slow_ms: float) -> None:
    slow = {"WEDLOAD_SANDBOX_SLOW": f"{_ENDPOINT}={slow_ms:g}ms"} if slow_ms else {}
    done = subprocess.run(
        [WEDLOAD, "run", PLAN, "--quiet", "-o", file],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False,
        env={**os.environ, **slow}, timeout=RUN_S * 3,
    )  # fmt: skip
    if not file.exists():
        raise RuntimeError(f"the run ended with {done.returncode}: {done.stderr}")


def render(pairs: Sequence[Pair], *, command: str, version: str, lanes: int) -> str:
    """What came of the pairs, as Markdown."""
    blocks = sorted(
        row["blocks"] for pair in pairs for row in _first(pair)["rows"] if row["blocks"]
    )
    explained = (
        f"Made by `{command}` with wedload {version}. A run is {RUN_S} s of 20 virtual users, one "
        "workflow of four steps about every half second each (160 requests a second), on a sandbox "
        f"of its own; the two of a pair follow each other, {lanes} pairs share the machine. "
        f"*Slower*: the service time of `{_STEP}` is {SLOWER.base_ms:g} ms more than the sandbox's "
        "in both runs, and a tenth more in the second one.\n"
    )
    parts = [
        "# Pairs of real runs\n",
        explained,
        _table(pairs),
        f"\nIn a row there were {blocks[len(blocks) // 2] if blocks else 0} blocks (median).\n",
    ]
    for kind in dict.fromkeys(pair.kind for pair in pairs):
        parts += [f"\n## Rows, {kind.name}\n", _rows_table(pairs, kind)]
        if kind is SLOWER:
            found, fit = _named_only(pairs)
            parts.append(f"\n`{_STEP}` was named, and no other step, in {found} of {fit} pairs.")
    return "\n".join(parts) + "\n"


def _first(pair: Pair) -> dict[str, Any]:
    return next(iter(pair.compared.values()))


def _table(pairs: Sequence[Pair]) -> str:
    heads = ["compared", "regression", "no regression", "inconclusive", "not comparable"]
    lines = []
    for kind in dict.fromkeys(pair.kind for pair in pairs):
        for setting in SETTINGS:
            mine = [pair.compared[setting] for pair in pairs if pair.kind == kind]
            fit = [one for one in mine if one["comparable"]]
            counts = Counter(one["outcome"] for one in fit)
            figures = [len(fit), *(counts[one] for one in _OUTCOMES), len(mine) - len(fit)]
            lines.append([kind.name, setting, *map(str, figures)])
    return table(["second run", "setting", *heads], lines, left=2)


def _rows_table(pairs: Sequence[Pair], kind: Kind) -> str:
    """How often each row had which outcome, as compared by default, and how far it was off."""
    fit = [_first(pair) for pair in pairs if pair.kind == kind and _first(pair)["comparable"]]
    lines = []
    for name in dict.fromkeys(row["name"] for one in fit for row in one["rows"]):
        rows = [row for one in fit for row in one["rows"] if row["name"] == name]
        counts = Counter(row["outcome"] for row in rows)
        figures = [str(counts[one]) for one in (*_OUTCOMES, "not-decided")]
        lines.append([name, *figures, _middle_half(rows)])
    heads = ["regression", "no regression", "inconclusive", "not decided", "change, middle half"]
    return table(["row", *heads], lines)


def _middle_half(rows: Sequence[dict[str, Any]]) -> str:
    changes = sorted(row["change"] for row in rows if row["change"] is not None)
    if not changes:
        return "–"
    low, high = changes[len(changes) // 4], changes[-1 - len(changes) // 4]
    return f"{low:+.1%} … {high:+.1%}"


def _named_only(pairs: Sequence[Pair]) -> tuple[int, int]:
    """Pairs in which the slowed step was called a regression, and no other step; of how many."""
    fit = [_first(pair) for pair in pairs if pair.kind is SLOWER and _first(pair)["comparable"]]
    found = 0
    for one in fit:
        steps = [
            row["where"]["step"] for row in one["rows"]
            if row["outcome"] == "regression" and "step" in row["where"]
        ]  # fmt: skip
        found += set(steps) == {_STEP}
    return found, len(fit)

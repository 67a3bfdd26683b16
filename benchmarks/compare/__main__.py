"""`python -m benchmarks.compare simulate|real`: is it right? See RESULTS.md and REAL.md."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

import numpy as np

import wedload
from benchmarks.compare import real
from benchmarks.compare.latency import Model
from benchmarks.compare.report import render
from benchmarks.compare.simulate import Setting, Tally, simulate

_HERE: Final = Path(__file__).parent
_LEVELS: Final = (  # phi and sd; the main setting first
    (0.5, 0.05), (0.0, 0.05), (0.8, 0.05), (0.95, 0.05),
    (0.5, 0.10), (0.0, 0.10), (0.8, 0.10), (0.95, 0.10),
)  # fmt: skip
_SECONDS: Final = (60, 300)
_OFFSETS: Final = (0.01, 0.02)


def settings() -> list[Setting]:
    """Every one, of 60 s and of 5 minutes; offsets with the main one."""
    main_phi, main_sd = _LEVELS[0]
    return [
        *(Setting(Model(seconds, phi, sd)) for phi, sd in _LEVELS for seconds in _SECONDS),
        *(
            Setting(Model(seconds, main_phi, main_sd), offset)
            for seconds in _SECONDS
            for offset in _OFFSETS
        ),
    ]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("simulate", help="pairs of simulated runs")
    one.add_argument("--pairs", type=int, default=2_000, help="of the main setting; default: 2000")
    one.add_argument("--others", type=int, default=500, help="of each other one; default: 500")
    one.add_argument("--seed", type=int, default=1)
    one.add_argument("--jobs", type=int, default=1, help="processes; default: 1")
    one.add_argument("--output", type=Path, default=_HERE / "RESULTS.md")
    one.set_defaults(do=_simulate)
    one = commands.add_parser("real", help="pairs of real runs, on sandboxes; about 40 minutes")
    one.add_argument("--alike", type=int, default=40, help="pairs of runs that are alike")
    one.add_argument("--slower", type=int, default=12, help="pairs with one step slower")
    one.add_argument("--lanes", type=int, default=4, help="pairs at a time; default: 4")
    one.add_argument("--results", type=Path, required=True, help="folder for the results")
    one.add_argument("--output", type=Path, default=_HERE / "REAL.md")
    one.set_defaults(do=_real)
    arguments = parser.parse_args()
    for name, least in {
        "pairs": 1,
        "others": 1,
        "jobs": 1,
        "lanes": 1,
        "alike": 0,
        "slower": 0,
    }.items():
        if getattr(arguments, name, least) < least:
            parser.error(f"--{name} must be {least} or more")
    return arguments


def _real(arguments: argparse.Namespace) -> None:
    kinds = [real.ALIKE] * arguments.alike + [real.SLOWER] * arguments.slower
    pairs = real.run_pairs(kinds, arguments.lanes, arguments.results)
    command = (
        f"python -m benchmarks.compare real --alike {arguments.alike} --slower {arguments.slower} "
        f"--lanes {arguments.lanes}"
    )
    arguments.output.write_text(
        real.render(pairs, command=command, version=wedload.__version__, lanes=arguments.lanes),
        encoding="utf-8",
    )


def _simulate(arguments: argparse.Namespace) -> None:
    """Setting by setting; what is there is reported after each, and if interrupted."""
    command = (
        f"python -m benchmarks.compare simulate --pairs {arguments.pairs} "
        f"--others {arguments.others} --seed {arguments.seed}"
    )
    chosen = settings()
    found: dict[Setting, Tally] = {}
    for setting in chosen:
        try:
            pairs = arguments.pairs if _is_main(setting) else arguments.others
            found[setting] = simulate(setting, pairs, arguments.seed, arguments.jobs)
        except KeyboardInterrupt:
            print("interrupted: the report holds what is done", file=sys.stderr)
            break
        done = [(each, found[each]) for each in sorted(found, key=_place)]
        arguments.output.write_text(
            render(done, command=command, version=wedload.__version__, numpy=np.__version__),
            encoding="utf-8",
        )
        print(f"{len(found)}/{len(chosen)} {setting}", file=sys.stderr, flush=True)


def _is_main(setting: Setting) -> bool:
    """Whether it is of the main setting: of either duration, and without an offset."""
    return (setting.model.phi, setting.model.sd, setting.offset) == (*_LEVELS[0], 0.0)


def _place(setting: Setting) -> tuple[float, ...]:
    return setting.model.seconds, setting.model.sd, setting.model.phi, setting.offset


if __name__ == "__main__":
    chosen = _arguments()
    chosen.do(chosen)

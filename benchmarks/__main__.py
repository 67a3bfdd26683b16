"""`make bench-peers`: wedload and its peers side by side; see docs/benchmarks.md.

`python -m benchmarks [CASE…]`, where a CASE is the name of a case or of a group of them;
`python -m benchmarks channels` is without peers, see `channels.py`.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import channels, machine, report
from benchmarks.cases import EVERY, GROUPS, Case, Group, chosen
from benchmarks.install import MissingError
from benchmarks.measure import Cores
from benchmarks.rounds import run_case
from benchmarks.store import Store
from benchmarks.tools import every

if TYPE_CHECKING:
    from benchmarks.tools import Tool

_HERE = Path(__file__).parent
_BETWEEN_S = 4.0  # from one run of a tool to the next: start-up, report, settling
_ROUNDS: dict[Group, int] = {"speed": 5, "accuracy": 3, "freeze": 1, "executors": 3}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, epilog=f"Cases: {', '.join(EVERY)}. "
        f"Groups: {', '.join(GROUPS)}.",
    )  # fmt: skip
    parser.add_argument("case", nargs="*", metavar="CASE", help="a case or a group; default: all")
    usual = ", ".join(f"{group} {number}" for group, number in _ROUNDS.items())
    parser.add_argument("--rounds", type=int, help=f"of every case; default: {usual}")
    parser.add_argument("--seconds", type=int, default=10, help="of load; default: 10")
    parser.add_argument("--tools", help="names, with commas; default: all")
    parser.add_argument("--resume", action="store_true", help="keep what was measured before")
    parser.add_argument("--report-only", action="store_true", help="write the report again")
    parser.add_argument("--output", type=Path, default=_HERE / "RESULTS.md",
                        help="the report; what was measured is kept beside it as JSON")  # fmt: skip
    arguments = parser.parse_args()
    if arguments.seconds < 1 or (arguments.rounds is not None and arguments.rounds < 1):
        parser.error("--seconds and --rounds must be 1 or more")
    try:
        arguments.cases = chosen(arguments.case)
    except KeyError as error:
        parser.error(f"there is no case or group {error}")
    return arguments


def _installed(wanted: str | None) -> tuple[dict[str, Tool], dict[str, str], dict[str, str]]:
    """The tools, their versions, and why others are missing."""
    tools = every()
    names = wanted.split(",") if wanted else list(tools)
    if unknown := set(names) - set(tools):
        sys.exit(f"there is no tool {', '.join(sorted(unknown))}; known: {', '.join(tools)}")
    versions, missing = {}, {}
    for name in names:
        try:
            versions[name] = tools[name].install()
        except MissingError as error:
            missing[name] = str(error)
        print(f"{name:<11} {versions.get(name) or 'MISSING: ' + missing[name]}", flush=True)
    return {name: tools[name] for name in names if name in versions}, versions, missing


def _rounds(case: Case, asked: int | None) -> int:
    return asked or _ROUNDS[case.group]


def main() -> None:
    """Install, run, report; what is there is reported too when it is interrupted."""
    if sys.argv[1:2] == ["channels"]:
        channels.main(sys.argv[2:])
    arguments = _arguments()
    output = arguments.output.resolve()
    kept = output.with_name(
        "results.json" if output.name == "RESULTS.md" else output.stem + ".json"
    )
    if arguments.report_only:
        output.write_text(report.render(Store.read(kept)), encoding="utf-8")
        return
    store = Store.read(kept) if arguments.resume else Store()
    tools, versions, missing = _installed(arguments.tools)
    store.forget_other(versions)
    store.about |= {
        "machine": machine.describe(),
        "versions": store.about.get("versions", {}) | versions,
        "missing": missing,
    }
    planned = sum(
        (case.seconds(arguments.seconds) + _BETWEEN_S)
        * _rounds(case, arguments.rounds)
        * (len(set(case.only) & set(tools)) if case.only else len(tools))
        for case in arguments.cases
    )
    print(f"at most {planned / 60:.0f} minutes", flush=True)
    cores = Cores.choose()
    os.sched_setaffinity(0, (os.sched_getaffinity(0) - {cores.generator}) | {cores.server})
    try:
        for case in arguments.cases:
            print(case.title, flush=True)
            run_case(
                case, tools, store, kept, cores=cores,
                rounds=_rounds(case, arguments.rounds), seconds=arguments.seconds,
            )  # fmt: skip
    except KeyboardInterrupt:
        print("interrupted; --resume goes on from here", file=sys.stderr)
    except MissingError as error:
        sys.exit(f"no server to load: {error}")
    finally:
        store.write(kept)
        output.write_text(report.render(store), encoding="utf-8")
        print(f"written: {output}")


if __name__ == "__main__":
    main()

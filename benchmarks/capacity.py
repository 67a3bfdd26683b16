"""How good the search for the capacity is: `python -m benchmarks.capacity simulated|real`.

`simulated`: many searches of M/M/c queues in virtual time, as they would go with the options of a
real one: how far what they find is from Erlang C, how often the 95 % interval holds it, how often
nothing is found. `real`: `wedload run --find-knee` of a server that is such a queue (many of them
side by side, which tells as much in a shorter time), on sockets, for minutes.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.helpers.places import ROOT, WEDLOAD
from tests.helpers.queues import breaking_rate, probed, sojourns
from wedload.capacity.search import MOST_DOUBT, Search

_Q: Final = 0.95
_SEARCHES: Final = 40
#: what a probe costs beside its own length: to be told of it, and to drain; s
_BETWEEN_S: Final = 1.0
_STATIONS, _SERVERS, _SERVICE_S, _LIMIT_S = 40, 2, 0.03, 0.15
_PLAN: Final = """
schema = 1
name = "queue"
[targets.here]
base_url = "http://127.0.0.1:{port}"
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "1s"
workflow = "ask"
[[workflows.ask]]
name = "ask"
http = "GET /"
[benchmarks]
"Answers" = "http_req_duration: p95 < {limit:.0f}ms"
"""


@dataclass(frozen=True)
class Case:
    """A queue, and how it is searched; s."""

    servers: int
    service_s: float
    limit_s: float
    probe_s: float
    time_s: float

    @property
    def truth(self) -> float:
        """Its capacity, by Erlang C."""
        return breaking_rate(_Q, self.limit_s, self.servers, self.service_s)


CASES: Final = (
    Case(1, 0.005, 0.05, 20, 600),
    Case(2, 0.02, 0.1, 20, 600),
    Case(4, 0.05, 0.25, 30, 600),
    Case(8, 0.03, 0.12, 30, 600),
    Case(8, 0.03, 0.12, 20, 300),
)


def searched(case: Case, seed: int) -> Search:
    """One search in virtual time, from a tenth of the capacity on."""
    search, spent_s = Search(case.truth / 10, 1e9), 0.0
    warm_s = case.probe_s / 5
    while spent_s + case.probe_s <= case.time_s and (rate := search.next_rate()) is not None:
        took = sojourns(
            rate, case.servers, case.service_s,
            warm_s=warm_s, judged_s=case.probe_s - warm_s, seed=seed * 1000 + len(search.seen),
        )  # fmt: skip
        search.seen.append(probed(rate, took, case.limit_s, _Q))
        spent_s += case.probe_s + _BETWEEN_S
    return search


def simulated() -> None:
    """Every case, many times."""
    for case in CASES:
        errors, held, doubts = [], 0, []
        for seed in range(_SEARCHES):
            found = searched(case, seed).breaks()
            if found is None or found.at.doubt > MOST_DOUBT:
                continue
            errors.append(found.at.rate / case.truth - 1)
            held += found.at.low < case.truth < found.at.high
            doubts.append(found.at.doubt)
        within = sum(abs(one) <= 0.1 for one in errors)
        sys.stdout.write(
            f"M/M/{case.servers}, {case.service_s * 1e3:g} ms, p95 < {case.limit_s * 1e3:g} ms "
            f"({case.truth:.0f}/s), probes of {case.probe_s:g} s for {case.time_s:g} s: "
            f"found {len(errors)} of {_SEARCHES}, error {statistics.fmean(errors):+.1%} "
            f"± {statistics.stdev(errors):.1%}, within 10 %: {within}; interval ± "
            f"{statistics.median(doubts):.1%}, holds the truth in {held / len(errors):.0%}\n"
        )
        sys.stdout.flush()


def real(seconds: int, seeds: int) -> None:
    """On sockets; the server is tests/helpers/queue_server.py."""
    truth = _STATIONS * breaking_rate(_Q, _LIMIT_S, _SERVERS, _SERVICE_S)
    for seed in range(1, seeds + 1):
        server = subprocess.Popen(
            [
                sys.executable, "-m", "tests.helpers.queue_server",
                *map(str, (_STATIONS, _SERVERS, _SERVICE_S, seed)),
            ],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert server.stdout is not None
        try:
            port = server.stdout.readline().strip()
            with tempfile.TemporaryDirectory() as folder:
                plan = Path(folder) / "plan.toml"
                plan.write_text(_PLAN.format(port=port, limit=_LIMIT_S * 1e3))
                done = subprocess.run(
                    [
                        WEDLOAD, "run", plan, "--find-knee", "--knee-from", f"{truth / 3:.0f}/s",
                        "--knee-probe", "4s", "--knee-time", f"{seconds}s", "--seed", str(seed),
                        "--no-live",
                    ],
                    cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
                )  # fmt: skip
        finally:
            server.kill()
            server.wait()
        capacity = json.loads(done.stdout)["capacity"]
        found = capacity["rate_per_s"]
        off = "" if found is None else f" ({found / truth - 1:+.1%})"
        sys.stdout.write(f"Erlang C: {truth:.0f}/s; {capacity['sentence']}{off}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1:2] == ["simulated"]:
        simulated()
    elif sys.argv[1:2] == ["real"]:
        real(*map(int, sys.argv[2:4] or ("120", "3")))
    else:
        sys.exit(__doc__)

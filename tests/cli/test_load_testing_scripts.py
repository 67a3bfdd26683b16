"""The scripts that users copy: real runs, in dash, with spaces in every path."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from wedload.results.read import read_result

SCRIPTS = Path(__file__).parents[2] / "scripts" / "load-testing"
NAMES = ("nightly.sh", "gate.sh", "soak.sh")
WEDLOAD = Path(sys.executable).with_name("wedload")
DEADLINE_S = 110

#: rows that no machine misses, and that ask little of the generator's own lateness
PLAN = """\
schema = 1
name = "night"
[targets.sandbox]
sandbox = true
[identities.couple]
http = "POST /api/auth/couple"
json = { email = "${synthetic.email()}", key = "${env.WEDLOAD_COUPLE_KEY}" }
capture = { token = "json.token" }
headers = { Authorization = "Bearer ${token}" }
[scenarios.main]
executor = "constant-vus"
vus = 2
duration = "2s"
pace = "100ms"
workflow = "visit"
[[workflows.visit]]
name = "health"
http = "GET /healthz"
[[workflows.visit]]
name = "search"
as = "couple"
http = "GET /api/suppliers/search?limit=1"
[benchmarks]
"Health" = "http_req_duration{step=health}: med < 20s"
"Searching" = "http_req_duration{step=search}: med < 20s"
"Failures" = "http_req_failed: rate < 50%"
"""
KEY = "a key of the tests"
SLOW = "GET /api/suppliers/search=400ms"


class Scripts:
    """The scripts, copied as users do, in a folder with spaces."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "load tests"
        shutil.copytree(SCRIPTS, self.folder)
        (self.folder / "the plan.toml").write_text(PLAN)

    def environment(self, **variables: str) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("WEDLOAD_", "CI"))
        }
        return kept | {"WEDLOAD": str(WEDLOAD)} | variables

    def __call__(self, *words: str, shell: str = "dash", **variables: str):
        return subprocess.run(
            [str(shutil.which(shell)), *words],
            cwd=self.folder,
            env=self.environment(**variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )

    def start(self, *words: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(shutil.which("dash")), *words], cwd=self.folder, env=self.environment(**variables),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    @property
    def history(self) -> Path:
        return self.folder / "load-history" / "the plan"

    def nights(self) -> list[Path]:
        return sorted(path for path in self.history.iterdir() if path.is_dir())


@pytest.fixture
def scripts(tmp_path):
    return Scripts(tmp_path)


@pytest.fixture
def quick(scripts):
    """A stand-in for wedload whose answers are told: what the scripts do with them is in question.

    `run` writes $ANSWER into the result and exits with $RUN; `compare` exits with $COMPARE.
    """
    fake = scripts.folder / "fake wedload"
    fake.write_text(
        "#!/bin/sh\n"
        'echo "$*" >> calls\n'
        "case $1 in\n"
        'run) while [ "$1" != -o ]; do shift; done\n'
        '     [ -z "${SLEEP:-}" ] || sleep "$SLEEP"\n'
        '     [ -n "${FULL:-}" ] || echo "{}" > "$2"\n'
        '     echo "{}"; exit "${RUN:-0}" ;;\n'
        'compare) while [ $# -gt 0 ] && [ "$1" != -o ]; do shift; done\n'
        "     if [ $# -gt 0 ]; then printf '{\\n  \"comparable\": %s,\\n}\\n'"
        ' "${COMPARABLE:-true}" > "$2"; else echo "the table"; fi\n'
        '     exit "${COMPARE:-0}" ;;\n'
        "esac\n"
    )
    fake.chmod(0o755)

    def run(*words, **variables):
        return scripts(*words, **({"WEDLOAD": str(fake)} | variables))

    return run


def calls(scripts):
    return (scripts.folder / "calls").read_text().splitlines()


def worse_in(text):
    """What a comparison says got worse."""
    return {
        " ".join(line.split()[1:3]) for line in text.splitlines() if line.lstrip().startswith("✗ ")
    }


# --- what they are --------------------------------------------------------------------------------


def test_shellcheck_has_no_complaint():
    found = shutil.which("shellcheck")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("shellcheck is missing, and CI must check the scripts")
        pytest.skip("shellcheck is not installed")
    files = sorted(str(path.relative_to(SCRIPTS.parents[1])) for path in SCRIPTS.glob("*.sh"))

    done = subprocess.run(
        [found, "-x", *files], cwd=SCRIPTS.parents[1], capture_output=True, text=True, check=False
    )

    assert len(files) == 4
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("shell", ["dash", "bash"])
@pytest.mark.parametrize("name", NAMES)
def test_each_explains_itself_and_refuses_what_makes_no_sense(scripts, name, shell):
    helped = scripts(name, "-h", shell=shell)
    without, gone = scripts(name, shell=shell), scripts(name, "gone.toml", shell=shell)

    assert helped.returncode == 0
    assert helped.stdout.startswith(f"Usage: {name} PLAN")
    assert "Exit codes: 0 " in helped.stdout
    assert max(map(len, helped.stdout.splitlines())) <= 80
    assert (without.returncode, gone.returncode) == (2, 2)
    assert "no plan was given" in without.stderr
    assert "the plan gone.toml does not exist" in gone.stderr


@pytest.mark.parametrize(
    ("name", "variables", "said"),
    [
        ("nightly.sh", {"RUNS": "0"}, "RUNS=0 is no whole number"),
        ("nightly.sh", {"KEEP": "x"}, "KEEP=x is no whole number"),
        ("nightly.sh", {"MARGIN": "100%"}, "MARGIN=100% is no share"),
        ("gate.sh", {"MARGIN": "5"}, "MARGIN=5 is no share"),
        ("nightly.sh", {"BASELINE": "gone"}, "BASELINE=gone does not exist"),
        ("nightly.sh", {"WEDLOAD": "/no/wedload"}, "/no/wedload is not a command"),
        ("gate.sh", {}, "set MAIN_URL and CHANGE_URL"),
        ("gate.sh", {"MAIN_START": "true"}, "set both MAIN_START and CHANGE_START"),
        ("soak.sh", {"PIDS": "999999999"}, "there is no process 999999999"),
        ("soak.sh", {"EVERY_S": "1h"}, "EVERY_S=1h is no whole number"),
    ],
)
def test_wrong_variables_exit_with_2_before_any_run(scripts, name, variables, said):
    done = scripts(name, "the plan.toml", **variables)

    assert done.returncode == 2
    assert said in done.stderr
    assert not (scripts.folder / "load-history").exists()


# --- nightly --------------------------------------------------------------------------------------


@pytest.mark.timeout(240)
def test_second_night_against_a_slower_sandbox_is_a_regression_and_the_log_says_of_what(scripts):
    hook = {
        "HOOK": 'echo "$OUTCOME $STATUS" >> "heard of"',
        "RUNS": "5",
        "MARGIN": "90%",
        "RETRIES": "5",
    }

    first = scripts("nightly.sh", "the plan.toml", "--tag", "commit=a b", **hook)
    second = scripts("nightly.sh", "the plan.toml", WEDLOAD_SANDBOX_SLOW=SLOW, **hook)

    assert first.returncode == 0, first.stderr
    assert first.stderr == ""  # nothing for cron to mail
    assert second.returncode == 1, second.stderr
    one, two = scripts.nights()
    log = (two / "log.txt").read_text()
    assert "comparing with load-history/the plan/" in log
    assert "comparison: REGRESSION" in log
    assert worse_in(log) == {"search p50"}
    assert "comparison: REGRESSION" in second.stderr  # for cron to mail
    assert (scripts.history / "last-good").read_text().strip() == one.name
    assert (scripts.folder / "heard of").read_text() == "pass 0\nregression 1\n"
    results = [read_result(path) for path in sorted(one.glob("results/*.json"))]
    assert len(results) == 5
    assert {result.run.tags["commit"] for result in results} == {"a b"}


@pytest.mark.parametrize(
    ("run", "compare", "changes", "code", "outcome", "good"),
    [
        (0, 0, {}, 0, "pass", True),
        (0, 1, {}, 1, "regression", False),
        (0, 3, {}, 0, "inconclusive", False),
        (0, 3, {"STRICT": "1"}, 3, "inconclusive", False),
        (0, 3, {"COMPARABLE": "false"}, 0, "pass", True),
        (0, 4, {}, 4, "failed", False),
        (1, 0, {}, 1, "missed", False),
        (1, 1, {}, 1, "missed-and-regression", False),
        (2, 0, {}, 2, "wrong", False),
        (3, 0, {}, 3, "invalid", False),
        (4, 0, {}, 4, "failed", False),
        (130, 0, {}, 4, "interrupted", False),
        (7, 0, {}, 4, "failed", False),
    ],
)  # fmt: skip
def test_night_tells_by_its_exit_code_and_only_a_good_one_is_compared_with(
    scripts, quick, run, compare, changes, code, outcome, good
):
    assert quick("nightly.sh", "the plan.toml").returncode == 0
    (first,) = scripts.nights()

    done = quick(
        "nightly.sh", "the plan.toml", RUN=str(run), COMPARE=str(compare),
        HOOK='echo "$OUTCOME $STATUS" > heard', **changes,
    )  # fmt: skip

    assert done.returncode == code, done.stderr
    assert (scripts.folder / "heard").read_text() == f"{outcome} {code}\n"
    newest = scripts.nights()[-1]
    assert newest != first
    last_good = (scripts.history / "last-good").read_text().strip()
    assert last_good == (newest.name if good else first.name)


def test_invalid_run_is_kept_and_repeated_once(scripts, quick):
    done = quick("nightly.sh", "the plan.toml", RUN="3")

    assert done.returncode == 3
    (night,) = scripts.nights()
    assert sorted(path.name for path in night.glob("invalid/*")) == ["1-0.json", "1-1.json"]
    assert sum(call.startswith("run ") for call in calls(scripts)) == 2


def test_only_so_many_nights_are_kept_and_the_last_good_one_always(scripts, quick):
    quick("nightly.sh", "the plan.toml", KEEP="2")
    (good,) = scripts.nights()
    for _ in range(3):
        quick("nightly.sh", "the plan.toml", KEEP="2", COMPARE="1")

    nights = scripts.nights()
    assert good in nights
    assert len(nights) == 3  # two, and the last good one


def test_result_that_could_not_be_written_is_rescued_from_stdout(scripts, quick):
    done = quick("nightly.sh", "the plan.toml", FULL="yes")

    assert done.returncode == 0, done.stderr
    (night,) = scripts.nights()
    assert (night / "results" / "1.json").read_text() == "{}\n"
    assert "rescued from stdout" in (night / "log.txt").read_text()


def test_hook_that_fails_changes_no_exit_code_and_is_told_of(quick):
    done = quick("nightly.sh", "the plan.toml", HOOK="exit 9")

    assert done.returncode == 0
    assert "the hook failed: exit 9" in done.stderr


@pytest.mark.parametrize("with_flock", [True, False])
def test_two_nights_never_overlap(scripts, quick, tmp_path, with_flock):
    path = os.environ["PATH"] if with_flock else without_flock(tmp_path / "bin")
    started = scripts.start(
        "nightly.sh", "the plan.toml", WEDLOAD=str(scripts.folder / "fake wedload"), SLEEP="5",
        PATH=path,
    )  # fmt: skip
    deadline = time.monotonic() + DEADLINE_S
    while not (scripts.folder / "calls").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)

    second = quick("nightly.sh", "the plan.toml", PATH=path)

    assert second.returncode == 4
    assert "still running" in second.stderr
    assert started.wait(DEADLINE_S) == 0, started.stdout.read()
    started.stdout.close()
    assert quick("nightly.sh", "the plan.toml", PATH=path).returncode == 0


def test_lock_of_a_script_that_is_gone_is_taken_over(scripts, quick, tmp_path):
    lock = scripts.history / ".lock.d"
    lock.mkdir(parents=True)
    gone = subprocess.Popen(["true"])
    gone.wait()
    (lock / "pid").write_text(f"{gone.pid}\n")

    done = quick("nightly.sh", "the plan.toml", PATH=without_flock(tmp_path / "bin"))

    assert done.returncode == 0, done.stderr
    assert not lock.exists()


def without_flock(folder: Path) -> str:
    """A PATH with everything that the scripts need, but flock."""
    folder.mkdir()
    for name in ("sh", "cat", "date", "mkdir", "mv", "rm", "sleep", "basename", "dirname", "grep"):
        (folder / name).symlink_to(shutil.which(name))
    return str(folder)


def test_signal_ends_the_run_with_clean_up_and_keeps_its_result(scripts):
    plan = (scripts.folder / "the plan.toml").read_text().replace('"2s"', '"60s"')
    (scripts.folder / "the plan.toml").write_text(plan)
    started = scripts.start("nightly.sh", "the plan.toml")
    deadline = time.monotonic() + DEADLINE_S
    while not any("of 01:00" in p.read_text() for p in scripts.history.glob("*/log.txt")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(1)  # of load

    started.terminate()

    assert started.wait(DEADLINE_S) == 4, started.stdout.read()
    assert "interrupted (exit code 4)" in started.stdout.read()
    started.stdout.close()
    (night,) = scripts.nights()
    assert read_result(night / "results" / "1.json").run.interrupted


# --- gate and soak --------------------------------------------------------------------------------


def test_gate_takes_turns_and_gives_each_side_its_address(scripts, quick):
    urls = {"MAIN_URL": "http://127.0.0.1:1", "CHANGE_URL": "http://127.0.0.1:2"}

    done = quick("gate.sh", "the plan.toml", "--seed", "7", OUT="out put", RUNS="3", **urls)

    assert done.returncode == 0, done.stderr
    runs = [call for call in calls(scripts) if call.startswith("run ")]
    assert [call.split("-o ")[1].split(" --target")[0] for call in runs] == [
        f"out put/{side}/{number}.json" for number in (1, 2, 3) for side in ("main", "change")
    ]
    assert all(
        f"--set targets.local.base_url=http://127.0.0.1:{1 + number % 2} --seed 7" in call
        for number, call in enumerate(runs)
    )
    assert "the table" in done.stdout
    names = {path.name for path in (scripts.folder / "out put").iterdir()}
    assert names >= {"main", "change", "comparison.txt", "comparison.md", "comparison.xml"}


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"COMPARE": "1"}, 1), ({"COMPARE": "3"}, 3), ({"COMPARE": "2"}, 4),
        ({"RUN": "1"}, 0),  # the main line missed them as well
        ({"RUN": "2"}, 2), ({"RUN": "3"}, 3), ({"RUN": "4"}, 4),
    ],
)  # fmt: skip
def test_gate_tells_by_its_exit_code(quick, answers, code):
    urls = {"MAIN_URL": "http://127.0.0.1:1", "CHANGE_URL": "http://127.0.0.1:2"}

    assert (
        quick("gate.sh", "the plan.toml", OUT="out", RUNS="1", **urls, **answers).returncode == code
    )


@pytest.mark.timeout(240)
def test_gate_names_what_a_slower_deployment_is_slower_at(scripts, sandbox):
    plan = PLAN.replace("sandbox = true", 'base_url = "http://127.0.0.1:9"')
    (scripts.folder / "the plan.toml").write_text(plan.replace("targets.sandbox", "targets.local"))

    done = scripts(
        "gate.sh", "the plan.toml", MAIN_URL=sandbox(), CHANGE_URL=sandbox("--slow", SLOW),
        OUT="out put", MARGIN="90%", RETRIES="5", WEDLOAD_COUPLE_KEY=KEY,
    )  # fmt: skip

    assert done.returncode == 1, done.stderr + done.stdout
    assert "comparison: REGRESSION" in done.stdout
    assert worse_in(done.stdout) == {"search p50"}
    assert "search p50" in (scripts.folder / "out put" / "comparison.md").read_text()


def test_gate_starts_each_side_for_its_runs_and_stops_it_after_them(scripts, quick, free_port):
    url = f"http://127.0.0.1:{free_port}"
    ask = f"import urllib.request; urllib.request.urlopen('{url}/healthz')"
    serve = f"{sys.executable} -m wedload.sandbox --port {free_port}"

    done = quick(
        "gate.sh", "the plan.toml", MAIN_START=serve, CHANGE_START=f"{serve} --slow '{SLOW}'",
        URL=url, READY=f'{sys.executable} -c "{ask}"', OUT="out", RUNS="1",
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    served = (scripts.folder / "out" / "server.log").read_text()
    assert served.count('"event":"ready"') == 2  # one after the other: they share a port
    with socket.socket() as one:
        one.settimeout(5)
        assert one.connect_ex(("127.0.0.1", free_port)) != 0


@pytest.fixture
def sandbox():
    """Starts sandboxes; their addresses."""
    started = []

    def start(*options):
        process = subprocess.Popen(
            [sys.executable, "-m", "wedload.sandbox", "--managed", *options],
            env={**os.environ, "WEDLOAD_COUPLE_KEY": KEY},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        started.append(process)
        return json.loads(process.stdout.readline())["url"]

    yield start
    for process in started:
        process.communicate(timeout=DEADLINE_S)


@pytest.fixture
def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def test_gate_says_if_a_side_does_not_start(scripts):
    done = scripts(
        "gate.sh", "the plan.toml", MAIN_START="false", CHANGE_START="true",
        URL="http://127.0.0.1:9", READY="false", READY_S="5", OUT="out",
    )  # fmt: skip

    assert done.returncode == 4
    assert "it ended before it was ready: false" in done.stderr


def test_soak_keeps_result_table_and_memory(scripts):
    done = scripts("soak.sh", "the plan.toml", OUT="out put", PIDS=str(os.getpid()), EVERY_S="1")

    assert done.returncode == 0, done.stderr
    out = scripts.folder / "out put"
    assert read_result(out / "result.json").verdict == "pass"
    assert (out / "load.csv").read_text().startswith("run,")
    looks = (out / "memory.csv").read_text().splitlines()
    assert looks[0] == "utc,process,kb"
    assert len(looks) >= 4
    assert int(looks[1].split(",")[2]) > 1000


def test_soak_that_is_killed_leaves_what_it_recorded(scripts):
    plan = (scripts.folder / "the plan.toml").read_text().replace('"2s"', '"60s"')
    (scripts.folder / "the plan.toml").write_text(plan)
    started = scripts.start("soak.sh", "the plan.toml", OUT="out")
    log = scripts.folder / "out" / "log.txt"
    deadline = time.monotonic() + DEADLINE_S
    while not (log.exists() and "00:05 of 01:00" in log.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    children = subprocess.run(
        ["pgrep", "-P", str(started.pid), "-f", "wedload run"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    os.kill(int(children.stdout.split()[0]), 9)

    assert started.wait(DEADLINE_S) == 4, started.stdout.read()
    assert "was cut off" in started.stdout.read()
    started.stdout.close()
    partial = read_result(scripts.folder / "out" / "result.json.partial")
    assert not partial.run.complete

import dataclasses
import json
from pathlib import Path

import pytest

from wedload.simulators.attempt import Attempt
from wedload.simulators.log import AttemptLog
from wedload.units import NS_PER_MS, NS_PER_S

ATTEMPT = Attempt(
    "cal", "events.insert", "op", 5 * NS_PER_MS, 12 * NS_PER_MS, "quota", 403, 2 * NS_PER_S,
    3 * NS_PER_MS, done=False, faults=("outage",),
)  # fmt: skip


def log_of(path: Path, said: list[str] | None = None) -> AttemptLog:
    warn = pytest.fail if said is None else said.append
    return AttemptLog(str(path), epoch_ns=1_000 * NS_PER_MS, warn=warn)


def test_each_attempt_is_a_line_of_json(tmp_path):
    log = log_of(tmp_path / "log")
    log.add(ATTEMPT)
    log.add(ATTEMPT)
    log.close()
    lines = (tmp_path / "log").read_text().splitlines()
    assert [json.loads(line) for line in lines] == 2 * [
        {
            "dependency": "cal", "endpoint": "events.insert", "operation": "op",
            "at_unix_ms": 1005.0, "duration_ms": 7.0, "drawn_ms": 3.0, "outcome": "quota",
            "status": 403, "retry_after_ms": 2000.0, "done": False, "faults": ["outage"],
        }
    ]  # fmt: skip


def test_lines_are_written_when_there_are_many_or_they_are_flushed(tmp_path):
    log = log_of(tmp_path / "log")
    for _ in range(1_000):
        log.add(ATTEMPT)
    log.add(ATTEMPT)
    assert (tmp_path / "log").read_text().count("\n") == 1_000
    log.flush()
    assert (tmp_path / "log").read_text().count("\n") == 1_001
    log.close()


def test_a_log_is_begun_anew_and_two_may_share_a_file(tmp_path):
    before = log_of(tmp_path / "log")
    before.add(dataclasses.replace(ATTEMPT, operation="of the run before"))
    before.close()
    one, other = log_of(tmp_path / "log"), log_of(tmp_path / "log")
    for log in (one, other, one):
        log.add(ATTEMPT)
        log.flush()
    one.close()
    other.close()
    lines = (tmp_path / "log").read_text().splitlines()
    assert [json.loads(line)["operation"] for line in lines] == ["op"] * 3


def test_a_file_that_is_no_log_is_left_as_it_is(tmp_path):
    (tmp_path / "notes.log").write_text("precious\n")
    with pytest.raises(FileExistsError, match="is no log"):
        log_of(tmp_path / "notes.log")
    assert (tmp_path / "notes.log").read_text() == "precious\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_disk_is_told_once_and_what_is_lost_is_counted():
    said: list[str] = []
    log = log_of(Path("/dev/full"), said)
    for _ in range(3):
        log.add(ATTEMPT)
        log.flush()
    log.close()
    (told,) = said
    assert "/dev/full cannot be written to: No space left on device" in told
    assert log.lost == 3


def test_a_file_that_cannot_be_opened_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError, match="none"):
        log_of(tmp_path / "none" / "log")

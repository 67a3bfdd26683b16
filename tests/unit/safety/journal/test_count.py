"""How many intents there were, as a process that may be killed has told."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys

import pytest

from tests.helpers.places import ROOT
from wedload.errors import JournalError
from wedload.safety.journal.count import IntentCount, read_count


@pytest.fixture
def path(tmp_path):
    return tmp_path / "load-0.count"


def in_a_process(script, path):
    code = f"from wedload.safety.journal.count import *\npath = {str(path)!r}\n{script}"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_what_a_killed_process_has_told_is_there(path):
    done = in_a_process(
        """
import signal
count = IntentCount(path)
for number in range(1, 1234):
    count.tell(number)
os.kill(os.getpid(), signal.SIGKILL)
""",
        path,
    )

    assert done.returncode == -signal.SIGKILL, done.stderr
    assert read_count(str(path)) == 1233


def test_what_cannot_be_mapped_is_written(path):
    done = in_a_process(
        """
def refuse(*_):
    raise OSError(19, "No such device")
mmap.mmap = refuse
count = IntentCount(path)
assert count._view is None
count.tell(7)
assert read_count(path) == 7
count.tell(9)
count.close()
""",
        path,
    )

    assert done.returncode == 0, done.stderr
    assert read_count(str(path)) == 9


def test_it_is_its_owners_alone_and_never_another_file(path):
    count = IntentCount(str(path))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(JournalError, match=r"load-0\.count: File exists"):
        IntentCount(str(path))
    assert read_count(str(path)) == 0
    count.close()


def test_a_process_that_ended_before_it_could_say_has_told_none(path):
    assert read_count(str(path)) == 0
    path.touch(0o600)
    assert read_count(str(path)) == 0


@pytest.mark.parametrize("content", [b"1", b"\0" * 9, b"\xff" * 8])
def test_what_is_no_count_is_refused(path, content):
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(JournalError, match="no count of a clean-up journal"):
        read_count(str(path))


def test_what_is_not_its_owners_alone_is_refused(path):
    path.write_bytes(bytes(8))
    path.chmod(0o644)
    with pytest.raises(JournalError, match="not its owner's alone"):
        read_count(str(path))
    path.unlink()
    os.mkfifo(path, 0o600)
    with pytest.raises(JournalError, match="not its owner's alone"):
        read_count(str(path))

"""A journal's file, written by processes that are killed, meet a full disk, or end well."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys

import pytest

from tests.helpers.killed_writer import LENGTHS
from tests.helpers.places import ROOT
from wedload.errors import JournalError
from wedload.safety.journal.file import AHEAD, LONGEST, STEP, create, is_written, reopen
from wedload.safety.journal.lines import read_lines
from wedload.safety.journal.records import LOAD


@pytest.fixture
def path(tmp_path):
    return tmp_path / "load-0.jsonl"


def in_a_process(script, path, **limits):
    """Run a script with a file of its own, under limits that only this process has."""
    limited = "".join(
        f"resource.setrlimit(resource.{name}, ({value}, {value}))\n"
        for name, value in limits.items()
    )
    code = "import errno, os, resource\nfrom wedload.safety.journal.file import *\n"
    code += f"path = {str(path)!r}\n"
    return subprocess.run(
        [sys.executable, "-c", code + script.replace("LIMIT\n", limited)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_what_a_killed_process_has_appended_is_there_and_nothing_is_there_by_half(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tests.helpers.killed_writer", str(tmp_path), "7", "12"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    killed = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]

    assert len(killed) == 12
    for index, appended in killed:
        path = tmp_path / f"{index}.jsonl"
        records = [line.record for line in read_lines(str(path), LOAD)]
        assert [record["i"] for record in records] == list(range(1, len(records) + 1))
        assert {len(record["x"]) for record in records} <= set(LENGTHS)
        # one more may have been there when it was killed before it could say so
        assert len(records) in {appended, appended + 1}
        assert not is_written(str(path))
        went_on = reopen(str(path))
        went_on.append(b'{"n":1}\n')
        went_on.close()
        assert [line.record for line in read_lines(str(path), LOAD)] == [*records, {"n": 1}]


def test_a_proper_end_leaves_the_records_alone_and_nothing_behind_them(path):
    file = create(str(path))
    file.append(b'{"i":1}\n')
    assert path.stat().st_size == STEP
    file.sync()
    file.close()

    assert path.read_bytes() == b'{"i":1}\n'


def test_a_file_grows_before_it_is_full(path):
    file = create(str(path))
    line = b'{"i":1,"x":"%b"}\n' % (b"x" * 1000)
    number = 3 * STEP // len(line)
    for _ in range(number):
        file.make_room()
        file.append(line)
        assert path.stat().st_size - file.end > AHEAD - len(line)
    file.close()

    assert path.read_bytes() == line * number


def test_a_file_is_its_owners_alone_and_never_another_one(path, tmp_path):
    file = create(str(path))
    file.close()
    link = tmp_path / "load-1.jsonl"
    link.symlink_to(tmp_path / "elsewhere")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(JournalError, match=r"load-0\.jsonl: File exists"):
        create(str(path))
    with pytest.raises(JournalError):
        create(str(link))
    assert not (tmp_path / "elsewhere").exists()


def test_others_see_that_it_is_written_and_cannot_write_it(path):
    assert not is_written(str(path))
    file = create(str(path))

    assert is_written(str(path))
    with pytest.raises(JournalError, match="another process writes it"):
        reopen(str(path))
    file.close()
    assert not is_written(str(path))


def test_a_disk_without_room_is_met_before_something_begins(path):
    done = in_a_process(
        """
file = create(path)
LIMIT
appended = 0
try:
    while True:
        file.make_room()
        file.append(b"x" * 999 + b"\\n")
        appended += 1
except JournalError as error:
    print(error)
for _ in range(AHEAD // 1000 - 1):  # the outcomes of what is under way
    file.append(b"y" * 999 + b"\\n")
    appended += 1
file.close()
print(appended)
""",
        path,
        RLIMIT_FSIZE=2 * STEP,
    )

    *message, appended = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert message == [
        f"{path}: the clean-up journal cannot grow: File too large",
        "  hint: make room on that disk: without a journal nothing is created",
    ]
    assert path.stat().st_size == int(appended) * 1000
    assert 2 * STEP - 3000 < path.stat().st_size <= 2 * STEP


def test_where_no_space_can_be_reserved_it_is_written(path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(
        os, "posix_fallocate", refuse
    )  # glibc writes zeros where a filesystem cannot
    file = create(str(path))
    for number in range(3):
        file.make_room()
        file.append(b"%d\n" % number)
        assert path.read_bytes() == b"0\n1\n2\n"[: 2 * number + 2]
    file.close()

    assert path.read_bytes() == b"0\n1\n2\n"


def test_where_no_space_can_be_reserved_nothing_begins_once_a_record_found_none(path):
    done = in_a_process(
        """
def refuse(*_):
    raise OSError(errno.EOPNOTSUPP, "Operation not supported")
os.posix_fallocate = refuse
file = create(path)
for number in range(3000):
    file.make_room()
    file.append(b"%999d\\n" % number)
resource.setrlimit(resource.RLIMIT_FSIZE, (3_001_000, 3_001_000))
file.make_room()
for attempt in (lambda: file.append(b"z" * 2000), file.make_room):
    try:
        attempt()
    except JournalError as error:
        print(error.message)
file.append(b"end\\n")
file.close()
""",
        path,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{path}: the clean-up journal cannot grow: File too large\n" * 2
    written = b"".join(b"%999d\n" % number for number in range(3000))
    assert path.read_bytes() == written + b"end\n"


def test_what_is_appended_in_a_turn_is_written_at_its_end(path):
    file, told = create(str(path)), []
    file.write_soon(told.append)
    file.append(b"1\n")
    file.append(b"2\n")
    assert file.end == 4
    assert path.read_bytes().rstrip(b"\0") == b""

    (write,) = told
    write()
    assert path.read_bytes().rstrip(b"\0") == b"1\n2\n"
    file.append(b"3\n")
    assert len(told) == 2
    file.close()
    told[1]()  # the loop comes to it when nothing is left
    assert path.read_bytes() == b"1\n2\n3\n"


def test_what_there_was_no_room_for_is_told_when_something_is_to_begin(path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    file, told = create(str(path)), []
    file.write_soon(told.append)
    file.append(b"1\n")
    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", full)
        told.pop()()
    with pytest.raises(JournalError, match="cannot grow: No space left on device"):
        file.make_room()
    file.append(b"2\n")  # the outcome of what is under way
    told.pop()()
    file.make_room()
    file.close()

    assert path.read_bytes() == b"2\n"


def test_a_record_that_is_too_long_is_refused_and_the_next_is_not(path):
    file = create(str(path))
    file.append(b"x" * (LONGEST - 1) + b"\n")
    file.append(b"y" * (LONGEST - 1) + b"\n")
    file.append(b"z" * (LONGEST - 1) + b"\n")
    with pytest.raises(JournalError, match="too long"):
        file.append(b"x" * LONGEST + b"\n")
    file.append(b"end\n")
    file.close()

    assert path.stat().st_size == 3 * LONGEST + 4


@pytest.mark.parametrize("left", [b"", b"\0" * 100, b'{"i":1', b'{"i":\0\0\0\n\0\0'])
def test_a_file_with_nothing_whole_in_it_is_gone_on_with_from_its_beginning(path, left):
    path.write_bytes(left)
    file = reopen(str(path))
    file.append(b'{"i":2}\n')
    file.close()

    assert path.read_bytes() == b'{"i":2}\n'

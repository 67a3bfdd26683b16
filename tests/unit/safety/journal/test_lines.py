"""The records of a file, however its process ended, and what is no journal."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from wedload.errors import JournalError
from wedload.safety.journal.lines import read_lines
from wedload.safety.journal.load_file import LoadFile
from wedload.safety.journal.records import LOAD, RUN, head_line

HEAD = head_line(LOAD, "load-0")


@pytest.fixture
def written(tmp_path):
    def write(content):
        path = tmp_path / "load-0.jsonl"
        path.write_bytes(content)
        path.chmod(0o600)
        return path

    return write


@pytest.mark.parametrize(
    ("content", "numbers"),
    [
        (b"", []),
        (b"\0" * 9000, []),
        (HEAD, []),
        (HEAD + b'{"n":1}\n{"n":2}\n', [1, 2]),
        (HEAD + b'{"n":1}\n' + b"\0" * 9000, [1]),
        (HEAD + b'{"n":1}\n{"n":2', [1]),  # its end is missing
        (HEAD + b'{"n":1}\n{"n":2\0\0\0\0', [1]),
        (HEAD + b'{"n":1}\n\0\0\0:2}\n\0\0', [1]),  # or its beginning, as copies go either way
        (HEAD + b'{"n":1}\n{"n\0\0\0}\n\0\0', [1]),  # or its middle
        (HEAD + b'{"n":1}\n\0\0\0\0\0\0\0\0{"n":3}\n', [1, 3]),  # a hole
        (HEAD + b'{"n":1}\n{"n"\0\0\0\0\0"n":3}\n{"n":4}\n', [1, 4]),
    ],
)
def test_records_are_whole_or_they_are_none(written, content, numbers):
    lines = list(read_lines(str(written(content)), LOAD))

    assert [line.record["n"] for line in lines] == numbers
    for line in lines:
        assert content[line.offset :].startswith(b'{"n":%d}\n' % line.record["n"])


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"# shopping\n", r"load-0\.jsonl:1: this is no record of a clean-up journal"),
        (b'{"a":1}\n', r"load-0\.jsonl:1: this is no clean-up journal of wedload"),
        (HEAD.replace(b'"version":1', b'"version":2'), "of version 2, and this wedload reads"),
        (head_line(RUN, "run"), "the journal of something else"),
        (HEAD + b'{"n":1}\nmilk\n{"n":2}\n', r"load-0\.jsonl:3: this is no record"),
        (HEAD + b"[1]\n", r"load-0\.jsonl:2: this is no record"),
    ],
)
def test_what_is_no_journal_is_refused_with_its_line(written, content, found):
    with pytest.raises(JournalError, match=found):
        list(read_lines(str(written(content)), LOAD))


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
def test_a_journal_that_others_may_read_or_write_is_none_of_a_run_of_ones_own(written, mode):
    path = written(HEAD)
    Path(path).chmod(mode)

    with pytest.raises(JournalError, match="not its owner's alone") as refused:
        list(read_lines(path, LOAD))

    assert "chmod -R go= " in str(refused.value.hint)


def test_a_pipe_or_a_link_in_place_of_a_journal_is_refused_at_once(written, tmp_path):
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "link").symlink_to(written(HEAD))

    for name in ("pipe", "link"):
        with pytest.raises(JournalError):
            list(read_lines(str(tmp_path / name), LOAD))


@pytest.mark.parametrize(
    "record", ['{"z":1}', "{}", '{"i":1}', '{"n":"1"}', '{"n":-1}', '{"c":1,"s":1}', '{"c":1}']
)
def test_a_record_that_no_load_process_writes_is_refused_with_its_line(written, record):
    shape = '{"s":1,"do":"DELETE","to":"http://127.0.0.1","head":[]}\n'
    folder = written(HEAD + f"{shape}{record}\n".encode()).parent

    with pytest.raises(JournalError, match=r"load-0\.jsonl:3: there is no such record"):
        LoadFile(str(folder), "load-0")


def test_a_deletion_whose_shape_the_power_took_cannot_be_told(written):
    path = written(HEAD + b'\0\0\0\n{"c":1,"s":1,"t":"/forms/1"}\n')
    file = LoadFile(str(path.parent), "load-0")

    assert (file.created, file.untold, list(file.left())) == (1, 1, [])


def test_a_number_may_be_too_large_to_be_one_of_a_journal(written):
    path = written(HEAD + b'{"n":9223372036854775807}\n')

    with pytest.raises(JournalError, match="no such record"):
        LoadFile(str(path.parent), "load-0")


def test_a_count_takes_no_memory_however_large_it_is(written):
    path = written(HEAD + b'{"n":2}\n')
    count = path.with_suffix(".count")
    count.write_bytes(struct.pack("=q", (1 << 63) - 1))
    count.chmod(0o600)

    assert LoadFile(str(path.parent), "load-0").unknown == (1 << 63) - 2

"""Journals whose writers are killed in the middle of it: `python -m tests.helpers.killed_writer`.

Arguments: a folder, a seed, how many writers, one after the other. Each leaves a file
`NUMBER.jsonl`, and stdout says how many records it had appended for sure: a line `NUMBER COUNT`.
"""

from __future__ import annotations

import mmap
import os
import random
import signal
import sys
from pathlib import Path

from wedload.safety.journal.file import create
from wedload.safety.journal.records import LOAD, head_line

#: lengths of what records hold: short ones as they are under load, and some that take long to copy
LENGTHS = (0, 10, 100, 200_000)


def record(number: int, length: int) -> bytes:
    """The record of a number: what it holds is known by it."""
    return b'{"i":%d,"x":"%b"}\n' % (number, b"x" * length)


def write(path: Path, seed: int, count: mmap.mmap) -> None:
    """Append records until somebody ends it; `count` is told of each when it is appended."""
    rng = random.Random(seed)
    file = create(str(path))
    file.append(head_line(LOAD, path.stem))
    for number in range(1, 1 << 30):
        file.make_room()
        file.append(record(number, rng.choice(LENGTHS)))
        count[:8] = number.to_bytes(8, "little")


def main(folder: Path, seed: int, writers: int) -> None:
    """Start writers and kill each at some moment."""
    rng = random.Random(seed)
    for index in range(writers):
        count = mmap.mmap(-1, 8)
        path = folder / f"{index}.jsonl"
        child = os.fork()
        if not child:
            write(path, seed + index, count)
        least = rng.randrange(150)
        while int.from_bytes(count[:8], "little") < least:
            pass
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        sys.stdout.write(f"{index} {int.from_bytes(count[:8], 'little')}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))

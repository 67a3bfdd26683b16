"""The lines of files that requests send, as far as they are text."""

from __future__ import annotations

import codecs
import io
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.bodies import Attachment
    from wedload.plan.confinement import Folders

#: of a file is looked into: enough to find what it is made of, and over within seconds
MOST_SCANNED: Final = 100_000_000
_HEAD_BYTES: Final = 8_192
_LONGEST_LINE: Final = 100_000  # characters; a longer one is taken in parts
_NO_TEXT: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MARKS: Final = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def lines_of(
    folders: Folders, name: str, attachment: Attachment
) -> Iterator[tuple[int, int, str]] | None:
    """Number, characters so far and text of each line; None if the file is no text.

    A file that has changed since it was read is read as it is now.

    Raises:
        OSError, FileRefusedError: it is gone, or has grown.
    """
    with _opened(folders, name, attachment) as opened:
        head = opened.read(_HEAD_BYTES)
    encoding = next((one for mark, one in _MARKS if head.startswith(mark)), "utf-8")
    if encoding == "utf-8" and _NO_TEXT.search(head) is not None:
        return None
    return _lines(folders, name, attachment, encoding)


def _lines(
    folders: Folders, name: str, attachment: Attachment, encoding: str
) -> Iterator[tuple[int, int, str]]:
    with io.TextIOWrapper(
        _opened(folders, name, attachment), encoding, errors="replace", newline="\n"
    ) as text:
        number, done = 1, 0
        while done < MOST_SCANNED and (line := text.readline(_LONGEST_LINE)):
            done += len(line)
            yield number, done, line
            number += line.endswith("\n")


def _opened(folders: Folders, name: str, attachment: Attachment) -> io.BytesIO | io.BufferedReader:
    if attachment.content is not None:
        return io.BytesIO(attachment.content)
    return folders.open(name, most_bytes=attachment.size_bytes)

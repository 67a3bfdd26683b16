"""Bodies that hold files: what a plan says of them, and the files themselves.

A file is looked for beside the plan when this is loaded. A small one is read then and travels with
the plan; of a large one only place and size are known, and it is read while it is sent.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from wedload.plan.confinement import FileRefusedError, report_unreadable
from wedload.plan.expressions.expression import suggest
from wedload.plan.expressions.template import Template
from wedload.plan.parsing import Parsed, each, scalar, table_in, text_in
from wedload.plan.secrets.checking import check_content

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wedload.plan.confinement import Folders
    from wedload.plan.draft import Draft
    from wedload.plan.positions import Path as KeyPath

#: a file up to this size is read once, and is a body like any other; larger ones are streamed
MOST_KEPT_BYTES: Final = 1_000_000
#: the largest file that is sent: its digest is taken before each run
_MOST_BYTES: Final = 5_000_000_000
_OCTETS: Final = "application/octet-stream"
_MEDIA_TYPE: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+/[\x20-\x7e]+")
_KEYS: Final = ("file", "type", "name")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that some request sends."""

    path: str  # absolute
    size_bytes: int
    digest: str  # SHA-256 of its content, hex
    content: bytes | None = field(default=None, repr=False)  # of a small one


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file as a part of a multipart body."""

    file: str
    type: str
    name: Template  # as the server is told


#: the fields of a multipart body, in order: text or a file
Parts = tuple[tuple[str, Template | FilePart], ...]


def _multipart(value: Any) -> Parts:
    """Read `{ title = "text", photo = { file = "a.png" }, more = [ … ] }`; raises ValueError."""
    if value == {}:
        raise ValueError("a multipart body has at least one field")
    of_fields = each(table_in(value, '{ field = "text", other = { file = "path" } }'), _field)
    return tuple(part for parts in of_fields for part in parts)


def _field(name: Any, item: Any) -> Parts:
    """The parts of one field: a list has several under one name."""
    items = enumerate(item) if isinstance(item, list) else None
    if items is None:
        return ((name, _part(item)),)
    return tuple((name, part) for part in each(items, lambda _, one: _part(one)))


def _part(item: Any) -> Template | FilePart:
    if not isinstance(item, dict):
        return Template.parse(scalar(item))
    for key in item:
        if key not in _KEYS:
            near = suggest(key, _KEYS) or f"; known: {', '.join(_KEYS)}"
            raise ValueError(f"a file has no key `{key}`{near}")
    if "file" not in item:
        raise ValueError('`file` is missing; write { file = "path", type = "image/png" }')
    file = parse_file(item["file"])
    media_type = text_in(item.get("type", _OCTETS))
    if _MEDIA_TYPE.fullmatch(media_type) is None:
        raise ValueError(f"{media_type!r} is not a media type; write image/png")
    return FilePart(file, media_type, Template.parse(text_in(item.get("name", Path(file).name))))


def parse_file(value: Any) -> str:
    """Read the path of a file; raises ValueError."""
    text = text_in(value)
    if "${" in text:
        raise ValueError(f"{text!r} is a template; a file is read when the plan is loaded")
    if not text or "\0" in text:
        raise ValueError(f"{text!r} is not the path of a file")
    return text


MultipartField = Annotated[Parts, Parsed(_multipart, (("type", "object"),))]
FileField = Annotated[str, Parsed(parse_file)]
Attachments = Annotated[dict[str, Attachment], Parsed(dict)]


def read_attachments(draft: Draft, files: Iterable[tuple[KeyPath, str]]) -> dict[str, Attachment]:
    """The files that requests send, by the text that names them; what is not there is reported."""
    found: dict[str, Attachment] = {}
    for path, file in files:
        try:
            if file not in found:
                found[file] = _attachment(draft.folders, file)
                place = str(draft.folders.base / file)
                check_content(draft, found[file].content or b"", place)
        except (OSError, FileRefusedError) as error:
            report_unreadable(draft, path, file, error)
    return found


def _attachment(folders: Folders, file: str) -> Attachment:
    place = str(folders.place(file))
    with folders.open(file, most_bytes=_MOST_BYTES) as opened:
        content = opened.read(MOST_KEPT_BYTES + 1)
        if len(content) <= MOST_KEPT_BYTES:
            return Attachment(place, len(content), hashlib.sha256(content).hexdigest(), content)
        opened.seek(0)
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
        return Attachment(place, opened.tell(), digest)

"""Secret files of a plan: `[secrets] secret_file = { NAME = "path" }`, read once before a run.

A file is read if the run reads its secret, and if it lies where a plan may read: in the plan's own
folder, or where service managers put credentials. It is to be a small regular file that nobody else
on the machine can read. What is in it is never part of a message.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wedload.plan.expressions.expression import suggest
from wedload.plan.uses import uses_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan

_MOST_BYTES: Final = 64_000  # a private key with its chain is 10 kB
#: where Docker and Podman mount secrets: docs.docker.com/engine/swarm/secrets
_MOUNTED: Final = Path("/run/secrets")
#: where systemd puts credentials: systemd.exec(5), LoadCredential=
_CREDENTIALS: Final = "CREDENTIALS_DIRECTORY"


class SecretFileError(ValueError):
    """A secret cannot be read from its file; says why and what to do, never what is in it."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


def check_secret_files(draft: Draft, plan: Plan) -> None:
    """Report names of secret files that cannot be read as `secrets.NAME`, and reads of others."""
    if draft.damaged(("secrets",)):
        return
    known = plan.secrets.secret_file
    for name in known:
        if not (name.isascii() and name.isidentifier()):
            message = f'"{name}" cannot be read as secrets.NAME; use letters, digits and _'
            draft.report(("secrets", "secret_file", name), message)
    for use in uses_of(plan):
        for name in sorted(use.reads.secrets - known.keys()):
            near = suggest(name, known, lead="did you mean ")
            hint = near or f'name its file: [secrets] secret_file = {{ {name} = "path" }}'
            draft.report(use.path, f'there is no secret "{name}"', hint)


def read_secret_file(
    file: str, folder: Path, environ: Mapping[str, str], allowed: Iterable[Path] = ()
) -> str:
    """The secret in a file that a plan names; `folder` is the plan's own.

    `allowed` are folders that the command line allows besides.

    Raises:
        SecretFileError: it is not there, not to be read, or no secret.
    """
    mounted = [_MOUNTED, *(Path(one) for one in (environ.get(_CREDENTIALS),) if one)]
    try:
        place = (folder / file).resolve(strict=True)
        managed = _within(place, mounted)
        if not (managed or _within(place, [folder, *allowed])):
            raise SecretFileError(
                f'"{file}" is outside of the plan\'s folder',
                f"put it beside the plan, below {_MOUNTED} or in ${_CREDENTIALS}",
            )
        content = _content(place, file, managed=managed)
    except OSError as error:
        raise SecretFileError(
            f'the secret file "{file}" cannot be read: {error.strerror or error}',
            f"secret files are looked for beside the plan: {folder / file}",
        ) from None
    try:
        secret = content.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise SecretFileError(f'the secret file "{file}" is not UTF-8 text') from None
    if not secret.strip():
        raise SecretFileError(f'the secret file "{file}" is empty')
    return secret


def _within(place: Path, folders: Iterable[Path]) -> bool:
    """Whether a resolved path lies below one of some folders, links followed."""
    return any(place.is_relative_to(one.resolve()) for one in folders)


def _content(place: Path, file: str, *, managed: bool) -> bytes:
    """What is in a file; `managed`: whoever put it there also answers for its mode."""
    # a pipe is opened without waiting for who writes; what is refused is refused by what was opened
    descriptor = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise SecretFileError(f'the secret file "{file}" is not a regular file')
        # Docker's are 0444 by default, in a file system that only the container sees
        if found.st_mode & stat.S_IRWXO and not managed:
            raise SecretFileError(
                f'the secret file "{file}" is open to everybody on this machine '
                f"(mode {stat.S_IMODE(found.st_mode):04o})",
                f"chmod 600 {place}",
            )
        content = _read(descriptor)
    finally:
        os.close(descriptor)
    if len(content) > _MOST_BYTES:
        raise SecretFileError(f'the secret file "{file}" is larger than {_MOST_BYTES // 1000} kB')
    return content


def _read(descriptor: int) -> bytes:
    """What is in a file, up to a byte more than a secret may have."""
    content = b""
    while len(content) <= _MOST_BYTES and (
        more := os.read(descriptor, _MOST_BYTES + 1 - len(content))
    ):
        content += more
    return content

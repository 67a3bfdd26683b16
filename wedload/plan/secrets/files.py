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

from wedload.plan.confinement import FileRefusedError, Folders, read_whole
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


def read_secret_file(file: str, folders: Folders, environ: Mapping[str, str]) -> str:
    """The secret in a file that a plan names; `folders` are those that it may name files of.

    Raises:
        SecretFileError: it is not there, not to be read, or no secret.
    """
    mounted = [_MOUNTED, *(Path(one) for one in (environ.get(_CREDENTIALS),) if one)]
    try:
        content = _content(file, Folders.of(folders.base, (*folders.open_to, *mounted)), mounted)
    except FileRefusedError as error:
        raise SecretFileError(f"the secret file {error}", error.hint) from None
    except OSError as error:
        raise SecretFileError(
            f'the secret file "{file}" cannot be read: {error.strerror or error}',
            f"secret files are looked for beside the plan: {folders.base / file}",
        ) from None
    try:
        secret = content.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise SecretFileError(f'the secret file "{file}" is not UTF-8 text') from None
    if not secret.strip():
        raise SecretFileError(f'the secret file "{file}" is empty')
    return secret


def _content(file: str, folders: Folders, mounted: Iterable[Path]) -> bytes:
    """What is in a file; of one that was `mounted`, whoever did it answers for its mode."""
    place = folders.place(file)
    managed = any(place.is_relative_to(one.resolve()) for one in mounted)
    with folders.open(file, most_bytes=_MOST_BYTES) as opened:
        mode = os.fstat(opened.fileno()).st_mode
        # Docker's are 0444 by default, in a file system that only the container sees
        if mode & stat.S_IRWXO and not managed:
            raise SecretFileError(
                f'the secret file "{file}" is open to everybody on this machine '
                f"(mode {stat.S_IMODE(mode):04o})",
                f"chmod 600 {place}",
            )
        return read_whole(opened, file, most_bytes=_MOST_BYTES)

"""What the command line itself keeps out of all that it says: secrets before a plan is understood.

A command that fails early quotes what it was given, and a shell may have put a secret there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import tomli

from wedload.plan.confinement import Folders
from wedload.plan.secrets.environment import is_ordinary
from wedload.plan.secrets.files import SecretFileError, read_secret_file
from wedload.plan.secrets.names import is_credential
from wedload.safety.redactor import KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

_PREFIX: Final = "WEDLOAD_"
_SHORTEST: Final = 8  # of a value that is a secret by its name alone
_MOST_BYTES: Final = 1_000_000  # of a plan that is looked at once more


def learn_environment(environ: Mapping[str, str]) -> None:
    """Know what plans may read, and variables that are called as credentials are: …_TOKEN, …_KEY.

    Ordinary words are no secrets, unless their name says so.
    """
    KNOWN.learn(
        value
        for name, value in environ.items()
        if len(value) >= _SHORTEST
        and not value.startswith("/")
        and (is_credential(name) or (name.startswith(_PREFIX) and not is_ordinary(value)))
    )


def learn_of_plan(path: Path, environ: Mapping[str, str], allow_files: Sequence[Path] = ()) -> None:
    """Know what a plan lists as secrets, though something may be wrong with it."""
    try:
        with path.open("rb") as file:
            document = tomli.loads(file.read(_MOST_BYTES).decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return
    listed = document.get("secrets")
    if isinstance(listed, dict):
        KNOWN.learn(_values(listed.get("env"), environ))
        KNOWN.learn(
            _contents(listed.get("secret_file"), Folders.of(path.parent, allow_files), environ)
        )


def _values(names: Any, environ: Mapping[str, str]) -> Iterable[str]:
    known = [one for one in names if isinstance(one, str)] if isinstance(names, list) else []
    return [environ[name] for name in known if name in environ and not is_ordinary(environ[name])]


def _contents(files: Any, folders: Folders, environ: Mapping[str, str]) -> Iterable[str]:
    for file in files.values() if isinstance(files, dict) else ():
        try:
            if isinstance(file, str):
                yield read_secret_file(file, folders, environ)
        except (SecretFileError, ValueError):
            continue  # a run says so

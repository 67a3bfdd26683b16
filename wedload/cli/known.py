"""What the command line itself keeps out of all that it says: secrets before a plan is understood.

A command that fails early quotes what it was given, and a shell may have put a secret there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import tomli

from wedload.plan.checks.literal_secrets import is_credential
from wedload.plan.secret_files import SecretFileError, read_secret_file
from wedload.safety.redactor import KNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_SHORTEST: Final = 8  # of a value that is a secret by its name alone
_MOST_BYTES: Final = 1_000_000  # of a plan that is looked at once more


def learn_environment(environ: Mapping[str, str]) -> None:
    """Know the values of variables that are called as credentials are: TOKEN, …_KEY, …_PASSWORD."""
    KNOWN.learn(
        value
        for name, value in environ.items()
        if len(value) >= _SHORTEST and not value.startswith("/") and is_credential(name)
    )


def learn_of_plan(path: Path, environ: Mapping[str, str]) -> None:
    """Know what a plan lists as secrets, though something else is wrong with it."""
    try:
        with path.open("rb") as file:
            document = tomli.loads(file.read(_MOST_BYTES).decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return
    listed = document.get("secrets")
    if not isinstance(listed, dict):
        return
    names, files = listed.get("env"), listed.get("secret_file")
    if isinstance(names, list):
        KNOWN.learn(environ[one] for one in names if isinstance(one, str) and one in environ)
    if isinstance(files, dict):
        KNOWN.learn(filter(None, (_content(one, path, environ) for one in files.values())))


def _content(file: Any, plan: Path, environ: Mapping[str, str]) -> str | None:
    try:
        return read_secret_file(file, plan.parent, environ) if isinstance(file, str) else None
    except (SecretFileError, ValueError):
        return None

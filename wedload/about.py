"""What this wedload is: its version, and whether the code under load is compiled, from what."""

from __future__ import annotations

from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Final

__version__ = "0.1.0"

_HERE: Final = Path(__file__).parent
#: what the extension modules were made of, as scripts/build/compile_core.py left it beside them
SOURCES_FILE: Final = "compiled.sha256"


def is_compiled() -> bool:
    """Whether the code under load is compiled; else it is interpreted."""
    return find_spec("wedload.compiled__mypyc") is not None


def changed_since_compiled() -> str | None:
    """A source that is not what its extension module was made of; None: all are, or there is none.

    Python prefers extension modules, whatever their sources say. Some 40 files are read for this,
    which takes about a millisecond.
    """
    return first_changed(_HERE) if is_compiled() else None


def first_changed(folder: Path) -> str | None:
    """The first source in a package's folder that is not as its list says, or the list itself."""
    try:
        lines = (folder / SOURCES_FILE).read_text().splitlines()
    except OSError:
        return f"{folder.name}/{SOURCES_FILE}"
    for line in lines:
        digest, _, name = line.partition("  ")
        source = folder.parent / name
        if not name.startswith(f"{folder.name}/"):
            continue  # what else it depends on, which no run can mix up
        if not source.is_file() or sha256(source.read_bytes()).hexdigest() != digest:
            return name
    return None

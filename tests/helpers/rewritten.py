"""Bytecode of tests, as pytest rewrites their asserts, made once for all processes that run them.

pytest does so by itself while it collects, but then each of several processes does all of it, and
keeps nothing where Python is told to write no bytecode. Source: _pytest/assertion/rewrite.py, which
looks for what is kept in any case.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

from _pytest.assertion.rewrite import (
    PYC_TAIL,
    _read_pyc,
    _rewrite_test,
    _write_pyc_fp,
    get_cache_dir,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def rewrite_all(files: Iterable[Path]) -> None:
    """Make what is missing or out of date, on all cores."""
    with ProcessPoolExecutor() as pool:
        for _ in pool.map(rewrite, files, chunksize=20):
            pass  # what went wrong is raised here


def rewrite(file: Path) -> None:
    """Make that of one file, if it is missing or out of date."""
    kept = get_cache_dir(file) / f"{file.stem}{PYC_TAIL}"
    if _read_pyc(file, kept) is not None:
        return
    digest, code = _rewrite_test(file, None)  # type: ignore[arg-type]  # there: "if config"
    kept.parent.mkdir(parents=True, exist_ok=True)
    new = kept.with_suffix(".new")
    with new.open("wb") as out:
        _write_pyc_fp(out, digest, code)
    new.replace(kept)

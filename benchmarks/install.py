"""Gets the peers, each into a folder of its own; nothing is installed into the system.

Debian's packages are downloaded and unpacked, with the libraries that the system lacks; Python
peers get a virtual environment each, npm's a folder. A program of Debian's that the
system has is used as it is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

HOME = Path(__file__).with_name(".bench")
_INSTALL_S = 600


class MissingError(Exception):
    """A peer that cannot be had here; the text says why."""


@dataclass(frozen=True, slots=True)
class Program:
    """An installed program, its version, and what its environment needs."""

    path: Path
    version: str
    env: dict[str, str] = field(default_factory=dict)


def _run(argv: list[str], *, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    try:
        done = subprocess.run(
            argv, cwd=cwd, env={**os.environ, **(env or {})}, capture_output=True, text=True,
            timeout=_INSTALL_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MissingError(f"{argv[0]}: {error}") from error
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
        raise MissingError(f"{' '.join(argv[:3])} failed: {last[:200]}")
    return done.stdout


def said(program: Path, *arguments: str, env: dict[str, str] | None = None) -> str:
    """All that a program says about itself, whatever its exit code (`wrk -v` has 1)."""
    done = subprocess.run(
        [program, *arguments], env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.stdout.strip()


def debian(package: str, program: str) -> Program:
    """A program of a Debian package: the system's, else unpacked into `debian/PACKAGE`."""
    there = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")
    if there is not None:
        version = _run(["dpkg-query", "--show", "--showformat=${Version}", package])
        return Program(Path(there), version)
    folder = HOME / "debian" / package
    if not (folder / "unpacked").exists():
        _unpack(package, folder)
    found = next((folder / "root").glob(f"usr/*bin/{program}"), None)
    if found is None:
        raise MissingError(f"Debian's package {package} has no {program}")
    libraries = ":".join(str(path) for path in (folder / "root").glob("usr/lib/*-linux-gnu*"))
    own = next(folder.glob(f"{package}_*.deb")).name
    return Program(found, own.split("_")[1], {"LD_LIBRARY_PATH": libraries} if libraries else {})


def _unpack(package: str, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    plan = _run(["apt-get", "install", "--simulate", "--no-install-recommends", package])
    wanted = [line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")]
    _run(["apt-get", "download", *wanted], cwd=folder)
    for archive in folder.glob("*.deb"):
        _run(["dpkg-deb", "--extract", str(archive), str(folder / "root")])
    (folder / "unpacked").touch()


def pypi(package: str) -> Program:
    """A command of a Python package of the same name, in a virtual environment of its own."""
    folder = HOME / package
    python = folder / "bin" / "python"
    if not (folder / "installed").exists():
        shutil.rmtree(folder, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(folder)])
        _run([str(python), "-m", "pip", "install", "--quiet", package])
        (folder / "installed").touch()
    version = _run(
        [str(python), "-c", f"import importlib.metadata as m; print(m.version({package!r}))"]
    )
    return Program(folder / "bin" / package, version.strip())


def npm(package: str) -> Program:
    """A command of an npm package of the same name, in a folder of its own."""
    folder = HOME / package
    program = folder / "node_modules" / ".bin" / package
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}\n', encoding="ascii")
        _run(["npm", "install", "--no-fund", "--no-audit", package], cwd=folder)
    return Program(
        program, f"{said(program, '--version').splitlines()[0]}".removeprefix("autocannon ")
    )

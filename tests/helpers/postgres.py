"""A private PostgreSQL for a session of tests."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEADLINE_S = 60
_numbers = itertools.count(1)


class Cluster:
    """A private PostgreSQL, reachable through a socket in its own directory only."""

    def __init__(self, binaries: Path, directory: Path, become: list[str]) -> None:
        self._binaries, self._directory, self._become = binaries, directory, become

    def run(self, program: str, *args: str) -> None:
        """One of its programs, as the user that it belongs to."""
        done = subprocess.run(
            [*self._become, str(self._binaries / program), *args],
            cwd=self._directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_DEADLINE_S,
            check=False,
        )
        assert done.returncode == 0, done.stdout.decode()

    def new_database(self, like: str | None = None) -> str:
        """The DSN of a fresh, empty database, or of a copy of one that nobody is connected to."""
        name = f"tests_{next(_numbers)}"
        template = ["-T", like.partition("@/")[2].partition("?")[0]] if like else []
        where = ("-h", str(self._directory), "-U", "postgres")
        self.run("createdb", *where, *template, name)
        return f"postgresql://postgres@/{name}?host={self._directory}"

    def drop_connections(self, name: str) -> None:
        """End every connection to the database, as a restart would."""
        end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        self.run("psql", "-h", str(self._directory), "-U", "postgres", "-c", end)


def postgres_programs() -> Path | None:
    """Where PostgreSQL's programs are, of the newest version that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@contextmanager
def running_cluster(binaries: Path) -> Iterator[Cluster]:
    """One that is gone afterwards, with everything in it."""
    directory = Path(tempfile.mkdtemp(prefix="pg-"))
    become = []
    if os.getuid() == 0:  # which initdb refuses to run as
        user = pwd.getpwnam("postgres")
        os.chown(directory, user.pw_uid, user.pw_gid)
        become = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    cluster = Cluster(binaries, directory, become)
    data, log = str(directory / "data"), str(directory / "log")
    try:
        cluster.run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N")
        options = f"-k {directory} -c listen_addresses='' -c fsync=off -c max_connections=200"
        # what resources are sampled by
        options += " -c shared_preload_libraries=pg_stat_statements"
        cluster.run("pg_ctl", "-D", data, "-l", log, "-w", "-o", options, "start")
        try:
            yield cluster
        finally:
            cluster.run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(directory, ignore_errors=True)

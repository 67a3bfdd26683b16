"""The scripts that users copy, in a folder of their own, and what they are tried on."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.helpers.load_testing import DEADLINE_S, KEY, Scripts


@pytest.fixture
def scripts(tmp_path):
    return Scripts(tmp_path)


@pytest.fixture
def quick(scripts):
    """A stand-in for wedload whose answers are told: what the scripts do with them is in question.

    `run` writes $ANSWER into the result and exits with $RUN; `compare` exits with $COMPARE.
    """
    fake = scripts.folder / "fake wedload"
    fake.write_text(
        "#!/bin/sh\n"
        'echo "$*" >> calls\n'
        "case $1 in\n"
        'run) while [ "$1" != -o ]; do shift; done\n'
        '     [ -z "${SLEEP:-}" ] || sleep "$SLEEP"\n'
        '     [ -n "${FULL:-}" ] || echo "{}" > "$2"\n'
        '     echo "{}"; exit "${RUN:-0}" ;;\n'
        'compare) while [ $# -gt 0 ] && [ "$1" != -o ]; do shift; done\n'
        "     if [ $# -gt 0 ]; then printf '{\\n  \"comparable\": %s,\\n}\\n'"
        ' "${COMPARABLE:-true}" > "$2"; else echo "the table"; fi\n'
        '     exit "${COMPARE:-0}" ;;\n'
        "esac\n"
    )
    fake.chmod(0o755)

    def run(*words, **variables):
        return scripts(*words, **({"WEDLOAD": str(fake)} | variables))

    return run


@pytest.fixture
def sandbox():
    """Starts sandboxes; their addresses."""
    started = []

    def start(*options):
        process = subprocess.Popen(
            [sys.executable, "-m", "wedload.sandbox", "--managed", *options],
            env={**os.environ, "WEDLOAD_COUPLE_KEY": KEY},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        started.append(process)
        return json.loads(process.stdout.readline())["url"]

    yield start
    for process in started:
        process.communicate(timeout=DEADLINE_S)

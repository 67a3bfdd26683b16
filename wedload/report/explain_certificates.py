"""What `wedload check` says of certificates: the target's, and those that receivers show."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.loader import LoadedPlan
    from wedload.plan.model import Target
    from wedload.report.explain_lines import Line


def trust_line(target: Target) -> Iterator[Line]:
    """That anybody between here and the target could answer in its place, if so."""
    if not target.tls.verify:
        yield "certificates of the target are not verified: tls.verify = false", "yellow"


def certificate_lines(loaded: LoadedPlan) -> Iterator[Line]:
    """Which of the files with which receivers speak TLS cannot be read from here."""
    for name, channel in loaded.plan.channels.items():
        files = () if channel.tls is None else (channel.tls.cert, channel.tls.key)
        for file in files:
            if not os.access(file, os.R_OK):
                shown = os.path.relpath(file, Path(loaded.file).parent.resolve())
                why = f"tls: {shown} cannot be read from here"
                yield f"a run will refuse the channel {name}: {why}", "yellow"

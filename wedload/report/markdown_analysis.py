"""What gives way, in the summary for a pull request. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.report.analysis_words import (
    LEVELS,
    PARTS,
    cells_of,
    level_cells,
    part_rows,
    refused_lines,
)
from wedload.report.markdown_text import bullets, escaped, table

if TYPE_CHECKING:
    from wedload.results.analysis_model import Analysis
    from wedload.results.model import Result

_MOST_PARTS = 8


def analysis_part(analysis: Analysis | None) -> str:
    """In a summary: its sentence, and what speaks for it; nothing of a run that tells nothing."""
    if analysis is None or not analysis.levels:
        return ""
    said = analysis.sentences if analysis.culprits else []
    return f"**What gives way**\n\n{bullets([analysis.verdict, *said])}"


def as_markdown(result: Result, analysis: Analysis) -> str:
    """All of it."""
    parts = [
        f"## {escaped(result.run.plan)} on {escaped(result.run.target)}: what gives way",
        f"**{escaped(analysis.verdict)}**",
        bullets(analysis.sentences),
    ]
    if analysis.levels:
        head = (LEVELS[0], *(f">{one}" for one in LEVELS[1:-1]), LEVELS[-1])
        parts.append(table(head, map(level_cells, analysis.levels)))
    if rows := part_rows(analysis, _MOST_PARTS):
        parts.append(table((PARTS[0], *(f">{one}" for one in PARTS[1:])), map(cells_of, rows)))
    if lines := list(refused_lines(analysis)):
        parts.append(f"**What could not be said**\n\n{bullets(lines)}")
    return "\n\n".join(part for part in parts if part) + "\n"

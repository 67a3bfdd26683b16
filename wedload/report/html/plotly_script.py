"""Plotly's script from its Python package, which is an optional part of wedload.

The package's own Python code is not imported: figures are plain JSON, and it takes long.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from wedload.errors import WedloadError

_REMEDY = 'python -m pip install "wedload[report]"'


class NoPlotlyError(WedloadError):
    """Plotly is not installed, or not as it is known."""


def plotly_script() -> str:
    """The text of plotly.min.js.

    Raises:
        NoPlotlyError: it is not installed, or has no such file.
    """
    path = _place()
    try:
        script = path.read_text("utf-8")  # its lines end as HTML has them: hashes depend on it
    except OSError as error:
        raise NoPlotlyError(f"{path} cannot be read: {error.strerror}", _REMEDY) from None
    if "</script" in script.lower() or "<!--" in script:
        raise NoPlotlyError(f"{path} cannot be part of an HTML page", _REMEDY)
    return script


def require_plotly() -> None:
    """Say early that a report could not be made.

    Raises:
        NoPlotlyError: Plotly is not installed, or has no script.
    """
    path = _place()
    if not path.is_file():
        raise NoPlotlyError(f"the package plotly has no {path}", _REMEDY)


def _place() -> Path:
    found = find_spec("plotly")
    if found is None or not found.submodule_search_locations:
        raise NoPlotlyError(
            "an HTML report needs the package plotly, which is not installed", _REMEDY
        )
    return Path(found.submodule_search_locations[0]) / "package_data" / "plotly.min.js"

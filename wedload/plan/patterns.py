"""Regular expressions of RE2, which take linear time whatever they are: Alertmanager's too."""

from __future__ import annotations

from typing import Any


def pattern_of(text: str) -> Any:
    """A compiled pattern.

    Raises:
        ValueError: it is none; says why.
    """
    import re2  # noqa: PLC0415 - 5 MB that only plans with regular expressions need

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(text, options)
    except re2.error as error:
        reason = error.args[0] if error.args else "?"
        said = reason.decode(errors="replace") if isinstance(reason, bytes) else reason
        raise ValueError(f"{said} (RE2 syntax)") from None
    except UnicodeError:
        raise ValueError("not a text that can be encoded") from None

"""How often processes of a run look for garbage."""

from __future__ import annotations

import gc
from typing import Final

#: neither a request nor a message leaves a reference cycle behind, so there is little to collect;
#: the usual thresholds (700, 10, 10) stop a process for 0.1 s again and again while thousands of
#: users are made, or thousands of messages remembered
_THRESHOLDS: Final = (50_000, 20, 100)


def begin_collecting_seldom() -> None:
    """Before a process imports what it is made of: none of that is garbage."""
    gc.set_threshold(*_THRESHOLDS)


def collect_seldom() -> None:
    """What is there by now, as it was compiled, stays for good; look seldom at what comes."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)

"""Processes that tests have started, seen from outside."""

from __future__ import annotations

import psutil


def alive(pid: int) -> bool:
    """Whether it runs; one that has ended and is not waited for does not."""
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE

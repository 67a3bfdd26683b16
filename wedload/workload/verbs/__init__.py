"""How the steps of each verb are compiled: one function a verb, and the table of them all.

This is the port for verbs on the side of the workload. A function gets the compiler of a scenario's
steps, a step, and the workflow that it is compiled for; it gives what `wedload.engine.verbs` has a
driver for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wedload.workload.verbs.channels import compile_await, compile_publish
from wedload.workload.verbs.control import compile_think, compile_use
from wedload.workload.verbs.http import compile_batch, compile_http
from wedload.workload.verbs.python import compile_python
from wedload.workload.verbs.sql import compile_sql
from wedload.workload.verbs.ws import compile_ws

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.workload.compile_steps import StepCompiler
    from wedload.workload.compiled import Guarded

COMPILERS: Final[dict[str, Callable[[StepCompiler, Any, str | None], Guarded]]] = {
    "http": compile_http,
    "batch": compile_batch,
    "think": compile_think,
    "use": compile_use,
    "await": compile_await,
    "publish": compile_publish,
    "ws": compile_ws,
    "python": compile_python,
    "sql": compile_sql,
}

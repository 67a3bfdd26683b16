"""Who drives the steps of each verb in a load process: the table of `Drivers`.

They are named, and imported only for plans with such steps, so that a load process stays small
whatever verbs there are.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wedload.engine.context import Shared
    from wedload.engine.port import Drivers

#: verb of a compiled step -> module and class of its drivers; those that guide a virtual user
#: itself (`think`, `use`) have none
DRIVERS: Final[dict[str, str]] = {
    "http": "wedload.engine.http:HttpDrivers",
    "batch": "wedload.engine.batch:BatchDrivers",
    "pair": "wedload.engine.pairs:PairDrivers",
    "await": "wedload.engine.channels:ChannelDrivers",
    "publish": "wedload.engine.channels:ChannelDrivers",
    "ws": "wedload.engine.ws:WsDrivers",
    "sql": "wedload.engine.sql:SqlDrivers",
    "python": "wedload.engine.python:PythonDrivers",
}


def drivers_of(verbs: Iterable[str], shared: Shared) -> dict[str, Drivers]:
    """The drivers of these verbs; verbs with the same class have the same."""
    made: dict[str, Drivers] = {}
    found: dict[str, Drivers] = {}
    for verb in verbs:
        if (name := DRIVERS.get(verb)) is None:
            continue
        if name not in made:
            module, _, kind = name.partition(":")
            made[name] = getattr(import_module(module), kind)(shared)
        found[verb] = made[name]
    return found

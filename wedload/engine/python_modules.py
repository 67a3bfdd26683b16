"""The modules of `python` steps: found in the plan's folder first, then among what is installed.

A module of the plan is imported in load processes alone, once, and only where the command line has
allowed it.
"""

from __future__ import annotations

import inspect
import sys
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wedload.errors import WedloadError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from importlib.machinery import ModuleSpec

    from wedload.plan.verbs.python import Coroutine as Named


class PythonModules:
    """Finds the coroutine functions of one plan."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        sys.dont_write_bytecode = True  # nothing is left in the plan's folder
        if folder not in sys.path:
            # behind all others: what wedload itself imports is not to be found there
            sys.path.append(folder)

    def function(self, named: Named) -> Callable[[Any], Coroutine[Any, Any, Any]]:
        """The coroutine function of that name.

        Raises:
            WedloadError: there is none, or its module cannot be imported.
        """
        self._import_own(named)
        try:
            module = import_module(named.module)
        except ImportError as error:
            raise self._no_module(named, error) from None
        except BaseException as error:  # noqa: BLE001 - whatever the module does at import
            raise self._broken(named, error) from None
        found = getattr(module, named.name, None)
        if not inspect.iscoroutinefunction(found):
            what = f"{module.__file__} has no {named.name}"
            if found is not None:
                what = f"{named.name} of {module.__file__} is no coroutine function"
            raise WedloadError(
                f'python = "{named}": {what}',
                f"write: async def {named.name}(vu): …",
            )
        function: Callable[[Any], Coroutine[Any, Any, Any]] = found
        return function

    def _import_own(self, named: Named) -> None:
        """Import a module or package of the plan's folder under its name, if there is one."""
        top = named.module.partition(".")[0]
        spec = PathFinder.find_spec(top, [self._folder])
        if spec is None or spec.loader is None:
            return
        known = sys.modules.get(top)
        if known is not None and getattr(known, "__file__", None) != spec.origin:
            raise WedloadError(
                f'python = "{named}": {spec.origin} has the name of a module of Python or wedload',
                "call it otherwise",
            )
        if known is None:
            self._execute(named, top, spec)

    def _execute(self, named: Named, top: str, spec: ModuleSpec) -> None:
        module = sys.modules[top] = module_from_spec(spec)
        assert spec.loader is not None
        try:
            spec.loader.exec_module(module)
        except BaseException as error:  # noqa: BLE001 - whatever the module does at import
            del sys.modules[top]
            raise self._broken(named, error) from None

    def _no_module(self, named: Named, error: ImportError) -> WedloadError:
        if isinstance(error, ModuleNotFoundError) and error.name in {
            named.module,
            named.module.partition(".")[0],
        }:
            return WedloadError(
                f'python = "{named}": there is no module {error.name}, neither in {self._folder} '
                "nor installed",
                f"write {Path(self._folder) / named.module.replace('.', '/')}.py",
            )
        return self._broken(named, error)

    def _broken(self, named: Named, error: BaseException) -> WedloadError:
        return WedloadError(
            f'python = "{named}" cannot be imported: {told(error, self._folder)}',
            "mend the module; try it alone: python -c 'import " + named.module + "'",
        )


def mentions_clean_up(function: Callable[..., Any]) -> bool:
    """Whether the file of a function has `clean_up` anywhere: so its requests create something.

    One that cannot be read is taken for one that does.
    """
    try:
        return "clean_up" in inspect.getsource(sys.modules[function.__module__])
    except (OSError, KeyError, TypeError):
        return True


def told(error: BaseException, folder: str) -> str:
    """An exception in a line, with the line of the author's own file where it came from."""
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if isinstance(error, SyntaxError) and error.filename:
        return f"{type(error).__name__}: {error.msg} ({error.filename}:{error.lineno})"
    place, trace = "", error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if Path(file).is_relative_to(folder):
            place = f" ({file}:{trace.tb_lineno})"
        trace = trace.tb_next
    return what + place

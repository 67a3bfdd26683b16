"""Compile the code under load: the same Python, translated to C by mypyc; about half as fast again.

    python scripts/build/compile_core.py            # if it has changed, and there is a compiler
    python scripts/build/compile_core.py --require  # if that cannot be done, it is an error
    python scripts/build/compile_core.py --remove   # back to interpreted code

Extension modules are put beside their sources, which Python then prefers. What they were made of
is kept there too, so that nothing is compiled twice, and no run mixes old code with new. Needs mypy
and setuptools (group `compile`).
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import os
import shutil
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: what runs for each request, step, iteration or instant, and what these inherit from
MODULES = (
    "alarm",
    "engine.batch",
    "engine.context",
    "engine.creating",
    "engine.digest",
    "engine.ending",
    "engine.executors.arrivals",
    "engine.executors.base",
    "engine.executors.closed",
    "engine.executors.controlled",
    "engine.executors.probed",
    "engine.following",
    "engine.holding",
    "engine.http",
    "engine.http_exchange",
    "engine.http_samples",
    "engine.identity",
    "engine.pacing",
    "engine.pairs",
    "engine.restraint",
    "engine.scope",
    "engine.signing_in",
    "engine.tracing",
    "engine.virtual_user",
    "metrics.recorder",
    "plan.expressions.short",
    "protocols.http.client",
    "protocols.http.cookies",
    "protocols.http.heads",
    "protocols.http.lanes",
    "protocols.http.limits",
    "protocols.http.problems",
    "protocols.http.reading",
    "protocols.http.response",
    "protocols.http.tls",
    "protocols.http.tls_session",
    "protocols.http.wire",
    "protocols.http2.client",
    "protocols.http2.connection",
    "protocols.http2.fields",
    "protocols.http2.session",
    "protocols.http2.stream",
    "protocols.http2.tls",
    "safety.journal.count",
    "safety.journal.file",
    "safety.journal.plain",
    "safety.journal.writer",
    "workload.arrivals",
    "workload.compiled",
    "workload.phases",
    "workload.render",
    "workload.render_bodies",
    "workload.render_parts",
    "workload.request",
    "workload.schedule",
    "workload.segment",
    "workload.stages",
    "workload.synthetic",
)
SOURCES = tuple(ROOT / "wedload" / f"{name.replace('.', '/')}.py" for name in MODULES)
BUILD = ROOT / "build"
#: what the modules were made of, for wedload to tell whether that is what the sources say now
DIGESTS = ROOT / "wedload" / "compiled.sha256"
LOG = BUILD / "compile.log"
_WAITS = ast.Await | ast.Yield | ast.YieldFrom | ast.AsyncWith | ast.AsyncFor


def main() -> int:
    """Do what the command line says; 0 if that is done."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--require", action="store_true", help="not compiled is an error")
    parser.add_argument("--remove", action="store_true", help="back to interpreted code")
    # the compiler's own process: it talks a lot, and works in the folder it is started in
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.inside:
        return _translate()
    if asked.remove or os.environ.get("WEDLOAD_COMPILE") == "no":
        remove()
        return 0
    if is_fresh():
        return 0
    if problems := [problem for source in SOURCES for problem in unfit(source)]:
        print(*problems, sep="\n", file=sys.stderr)
        return 1
    remove()
    missing = what_is_missing()
    if missing is not None:
        print(f"wedload stays interpreted, and slower under full load: {missing}", file=sys.stderr)
        return int(asked.require)
    return 0 if compile_all() else int(asked.require)


def compile_all() -> bool:
    """Compile, and keep what the compiler said in a log; whether it went well."""
    from watched import watch  # noqa: PLC0415 - beside this file, which tests load by its path

    doing = f"compiling {len(MODULES)} modules of the code under load (1–2 minutes, once)"
    BUILD.mkdir(exist_ok=True)
    with LOG.open("wb") as log:
        code = watch([sys.executable, __file__, "--inside"], doing, log, cwd=str(ROOT))
    if code:
        remove()
        print(*LOG.read_text().splitlines()[-15:], sep="\n", file=sys.stderr)
        print(f"wedload stays interpreted, and slower under full load; see {LOG}", file=sys.stderr)
        return False
    DIGESTS.write_text(digests())
    return True


def _translate() -> int:
    from mypyc.build import mypycify  # noqa: PLC0415 - not needed to see that nothing has changed
    from setuptools import setup  # noqa: PLC0415

    sources = [str(source.relative_to(ROOT)) for source in SOURCES]
    made = mypycify(
        sources,
        opt_level="2",
        debug_level="0",
        group_name="wedload.compiled",
        target_dir=str(BUILD / "c"),
    )
    for extension in made:  # a warning of a compiler newer than mypyc is no error
        kept = [flag for flag in extension.extra_compile_args if flag != "-Werror"]
        # calls within a module need not go through a table that others could write into
        extension.extra_compile_args = [*kept, "-fno-semantic-interposition"]
    arguments = ["build_ext", "--inplace", f"--build-temp={BUILD / 'o'}", f"--build-lib={BUILD}/so"]
    setup(name="wedload", packages=[], ext_modules=made, script_args=arguments)
    return 0


def what_is_missing() -> str | None:
    """What this machine needs to compile and does not have, for people."""
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    if shutil.which(compiler) is None:
        return f"no C compiler ({compiler})"
    header = Path(sysconfig.get_path("include")) / "Python.h"
    if not header.exists():
        return f"no headers of Python ({header})"
    return None


def unfit(source: Path) -> list[str]:
    """Where a source waits while an exception may be on its way, which mypyc gets wrong.

    After an `await` in an except or finally clause, the exception that the clause handles is lost,
    or comes back in a later call; `async with` has such a clause inside.
    """
    found = []
    for node in ast.walk(ast.parse(source.read_bytes())):
        clauses: list[ast.AST] = []
        if isinstance(node, ast.Try | ast.TryStar):
            clauses = [*node.finalbody, *node.handlers]
        waits = [inner for clause in clauses for inner in ast.walk(clause)]
        if isinstance(node, ast.AsyncWith | ast.AsyncFor):
            waits.append(node)
        found += [
            f"{source}:{inner.lineno}: compiled code must not wait in an except or finally clause,"
            " nor in an async with or async for: let code that is not compiled do it"
            for inner in waits
            if isinstance(inner, _WAITS)
        ]
    return found


def digests() -> str:
    """What the extension modules depend on – the interpreter, this file, sources –, a line each."""
    lines = [f"{hashlib.sha256(sys.version.encode()).hexdigest()}  python"]
    for path in (Path(__file__).resolve(), *SOURCES):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        lines.append(f"{digest}  {path.relative_to(ROOT).as_posix()}")
    return "\n".join(lines) + "\n"


def is_fresh() -> bool:
    """Whether what is there was compiled from the sources as they are."""
    same = DIGESTS.exists() and DIGESTS.read_text() == digests()
    return same and len(extensions()) > len(MODULES)


def extensions() -> list[Path]:
    """The extension modules that there are."""
    return list((ROOT / "wedload").rglob("*.so"))


def remove() -> None:
    """Remove every extension module."""
    for path in extensions():
        path.unlink()
    DIGESTS.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())

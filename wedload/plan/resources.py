"""`[resources]`: what is sampled beside the load, as a plan says it.

`"api" = "process: 4242"`: a kind, and what of it. Addresses with secrets in them are templates that
read the environment and secret files; sampling itself is wedload.resources' matter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, get_args
from urllib.parse import quote, urlsplit

from wedload.plan.databases import Dsn
from wedload.plan.expressions.expression import Reads, suggest
from wedload.plan.expressions.language import EVALUATION_ERRORS, text_of
from wedload.plan.expressions.template import Template
from wedload.plan.fields import STRICT
from wedload.plan.parsing import Parsed, each, positive_duration, table_in, text_in
from wedload.plan.resource_metrics import ResourceKind
from wedload.units import NS_PER_S, format_duration_ns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: what is sampled of every run: the machine that it is made on
MACHINE: Final = "machine"
#: as a process: the sandbox that wedload starts
SANDBOX: Final = "sandbox"
#: where version 2 of control groups is mounted. Source: cgroups(7)
CGROUPS: Final = PurePosixPath("/sys/fs/cgroup")
_KINDS: Final = tuple(kind for kind in get_args(ResourceKind) if kind != MACHINE)
_EXAMPLES: Final = {
    "process": "process: 4242",
    "cgroup": "cgroup: system.slice/api.service",
    "postgres": "postgres: ${env.WEDLOAD_PG_DSN}",
    "prometheus": "prometheus: rate(process_cpu_seconds_total[30s])",
}
_DSN: Final = re.compile(r"postgres(?:ql)?://")
_DATABASE: Final = re.compile(r"[\w-]+")
_MOST_EVERY_S: Final = 60


@dataclass(frozen=True, slots=True)
class Query:
    """What is sampled under a name."""

    kind: ResourceKind
    asked: str  # what of it, as the plan has it
    dsn: Dsn | None = None  # of a database, where the plan tells it here

    def __str__(self) -> str:
        return f"{self.kind}: {self.asked}"


def parse_query(value: Any) -> Query:
    """Read `kind: what`.

    Raises:
        ValueError: what is wrong with it, and what would be right.
    """
    text = text_in(value).strip()
    kind, colon, asked = (part.strip() for part in text.partition(":"))
    if not colon or kind not in _KINDS:
        near = suggest(kind, _KINDS) if colon else ""
        listed = ", ".join(f'"{one}"' for one in _EXAMPLES.values())
        what = f"there is no kind of resource {kind!r}" if colon else f"{text!r} tells no kind"
        raise ValueError(f"{what}{near or f'; write one of {listed}'}")
    if not asked:
        raise ValueError(f'nothing follows {text!r}; write "{_EXAMPLES[kind]}"')
    check = _CHECKS.get(kind)
    return Query(kind, asked) if check is None else check(asked)  # type: ignore[arg-type]


def _process(asked: str) -> Query:
    if asked.isdecimal() and not 0 < int(asked) <= 4_194_304:  # pid_max; source: proc(5)
        raise ValueError(f"{asked} is no number of a process")
    return Query("process", asked)


def _cgroup(asked: str) -> Query:
    path = PurePosixPath(asked)
    if ".." in path.parts or (path.is_absolute() and not path.is_relative_to(CGROUPS)):
        raise ValueError(f"{asked!r} is not below {CGROUPS}; write {_EXAMPLES['cgroup']!r}")
    return Query("cgroup", asked)


def _postgres(asked: str) -> Query:
    if "${" not in asked and not _DSN.match(asked):
        if not _DATABASE.fullmatch(asked):
            raise ValueError(f"{asked!r} is no database; write {_EXAMPLES['postgres']!r}")
        return Query("postgres", asked)
    address_template(asked)  # reads secrets alone, and holds none
    return Query("postgres", asked, Dsn.parse(asked))


_CHECKS: Final[dict[str, Callable[[str], Query]]] = {
    "process": _process,
    "cgroup": _cgroup,
    "postgres": _postgres,
}


def address_template(text: str) -> Template:
    """An address that reads secrets alone, and has no password in clear; raises ValueError."""
    template = Template.parse(text)
    for expression in template.expressions:
        secret = Reads(
            env=expression.reads.env,
            optional_env=expression.reads.optional_env,
            secrets=expression.reads.secrets,
        )
        if expression.reads != secret:
            raise ValueError(
                f"reads `{expression.source}`; an address can read secrets alone: "
                "${env.WEDLOAD_…}, ${secrets.…}"
            )
    marked = "".join(part if isinstance(part, str) else "\0" for part in template.parts)
    shown, at, _ = marked.partition("://")[2].rpartition("@")
    password = shown.partition(":")[2]
    if at and password and "\0" not in password:
        raise ValueError("a password does not belong into a plan; write ${env.WEDLOAD_…}")
    return template


def http_template(value: Any, example: str) -> Template:
    """The same of a URL, as far as it is written out; raises ValueError with an example of one."""
    template = address_template(text_in(value).strip())
    first = template.parts[0] if template.parts else ""
    if isinstance(first, str):
        parts = urlsplit(first)
        host = parts.netloc if template.literal is not None else True
        if parts.scheme not in {"http", "https"} or not host:
            raise ValueError(f'{value!r} is no URL; write "{example}"')
    return template


def _prometheus(value: Any) -> Template:
    template = http_template(value, "http://127.0.0.1:9090")
    first = template.parts[0] if template.parts else ""
    if isinstance(first, str) and ("?" in template.source or "#" in template.source):
        raise ValueError(f"{value!r} goes on after its path; write the address alone")
    return template


def _every(value: Any) -> int:
    every_ns = positive_duration(value)
    if every_ns % NS_PER_S or every_ns > _MOST_EVERY_S * NS_PER_S:
        found = format_duration_ns(every_ns)
        raise ValueError(f"{found} is not a number of whole seconds up to 60; write 1s, or 5s")
    return every_ns


def _queries(value: Any) -> tuple[tuple[str, Query], ...]:
    def query(name: str, item: Any) -> Query:
        if name == MACHINE:
            raise ValueError("the machine itself is always sampled under this name; choose another")
        if not name.strip():
            raise ValueError('it has no name; write "api" = "process: 4242"')
        return parse_query(item)

    return each(
        table_in(value, '{ "api" = "process: 4242" }'),
        lambda name, item: (name, query(name, item)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What is sampled beside the load, and how often."""

    __pydantic_config__: ClassVar = STRICT
    prometheus: Annotated[Template | None, Parsed(_prometheus)] = None
    every: Annotated[int, Parsed(_every)] = NS_PER_S
    queries: Annotated[
        tuple[tuple[str, Query], ...],
        Parsed(
            _queries,
            (("type", "object"), ("additionalProperties", {"type": "string"})),
        ),
    ] = field(default=())

    @property
    def named(self) -> dict[str, Query]:
        """The queries by name, in the order of the plan."""
        return dict(self.queries)


class AddressError(ValueError):
    """A template makes no address; says so without what it has read."""


@dataclass(frozen=True, slots=True)
class Readable:
    """All that an address may read."""

    env: Mapping[str, str]
    secrets: Mapping[str, str]
    addresses: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def address_of(template: Template, env: Mapping[str, str], secrets: Mapping[str, str]) -> str:
    """The address; what is read is percent-encoded, unless it is all of it.

    Raises:
        AddressError: something that it reads is not there.
    """
    if template.whole is not None:
        return text_with(template, env, secrets).strip()
    return text_with(template, env, secrets, lambda text: quote(text, safe=""))


def text_with(
    template: Template,
    env: Mapping[str, str],
    secrets: Mapping[str, str],
    encoded: Callable[[str], str] = str,
) -> str:
    """The text; what is read is put in as `encoded`.

    Raises:
        AddressError: something that it reads is not there.
    """
    scope = Readable(env, secrets)
    try:
        return "".join(
            part if isinstance(part, str) else encoded(text_of(part.evaluate(scope)))
            for part in template.parts
        )
    except EVALUATION_ERRORS:
        raise AddressError("reads what the environment does not have") from None

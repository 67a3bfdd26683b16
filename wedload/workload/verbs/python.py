"""Compiling `python`: which coroutine, and how the requests are made that it sends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson

from wedload.plan.checks.rate_limits import OF_ADDRESS
from wedload.plan.expressions.template import Template
from wedload.plan.fields import METHODS, RequestLine, require_request_header
from wedload.plan.verbs.http import HttpStep
from wedload.workload.compiled import Driven
from wedload.workload.verbs.http import compile_inner

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wedload.plan.verbs.python import Coroutine, PythonStep
    from wedload.workload.compile_steps import StepCompiler
    from wedload.workload.compiled import Call


@dataclass(frozen=True, slots=True)
class PythonTask:
    """What a python step is to do."""

    coroutine: Coroutine
    timeout_ns: int
    reports: Mapping[str, int]  # names of the checks that it reports -> series
    requests: InnerRequests


class InnerRequests:
    """Makes the requests that a coroutine sends: the plan's defaults, the target's, and its own."""

    def __init__(self, steps: StepCompiler, step: PythonStep, sampled: dict[str, Any]) -> None:
        self._steps = steps
        self._as = step.as_
        self._label = step.label
        # what the step checks and captures is of what its coroutine returns
        self._sampled = {**sampled, "captures": (), "checks": (), "ends_iteration": False}

    def call(
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, object] | None = None,
        identity: str | None = None,
        creates: bool = False,
        undo: bool = False,
    ) -> Call:
        """A request as an http step would send it; with `undo` it is another one's clean-up.

        With `creates` it is counted as perhaps created if nobody knows what became of it, as that
        of an http step with a clean-up.

        Raises:
            ValueError, TypeError: no such request can be sent.
        """
        if identity is not None and identity not in self._steps.plan.identities:
            raise ValueError(f"the plan has no identity {identity}")
        if json is not None and body is not None:
            raise ValueError("a request has either json or body, not both")
        own = _header_templates(headers or {})
        self._refuse_addresses(name for name, _ in own)
        if json is not None:
            body = orjson.dumps(json).decode()
            if all(name.lower() != "content-type" for name, _ in own):
                own = (*own, ("Content-Type", _literal("application/json")))
        line = RequestLine(_method(method), _literal(_with_query(url, query)))
        step = HttpStep(
            name=self._label,
            http=line,
            as_=identity or self._as,
            headers=own,
            body=None if body is None else _literal(body),
            cleanup=line if undo or creates else None,  # of which `creates` never sends any
            discard_body=False,
        )
        return compile_inner(self._steps, step, self._sampled)

    def _refuse_addresses(self, names: Iterable[str]) -> None:
        """As nobody sees whether code sends the same each time: it is for tests of limits alone."""
        told = next((name for name in names if name.lower() in OF_ADDRESS), None)
        if told is not None and self._steps.plan.http.rate_limits == "obey":
            raise ValueError(
                f"{told} tells the address of a client, by which a target limits requests; "
                'a plan that tests limits says rate_limits = "probe" in [http]'
            )


def compile_python(steps: StepCompiler, step: PythonStep, workflow: str | None) -> Driven:
    """Compile a python step."""
    sampled = steps.sampled(step, workflow)
    task = PythonTask(
        coroutine=step.python,
        timeout_ns=step.timeout or steps.plan.http.timeout,
        reports={name: steps.reported(step, workflow, name) for name in step.reports},
        requests=InnerRequests(steps, step, sampled),
    )
    return Driven(**sampled, task=task)


def _literal(text: str) -> Template:
    """A text as it is: what looks like a template in it is none."""
    return Template(text, (text,) if text else ())


def _method(text: str) -> str:
    if text not in METHODS:
        raise ValueError(f"{text!r} is not a method; known: {', '.join(METHODS)}")
    return text


def _with_query(url: str, query: Mapping[str, object] | None) -> str:
    if not isinstance(url, str) or not url.startswith(("/", "http://", "https://")):
        raise ValueError(f"{url!r}: a URL starts with / or http:// or https://")
    if "#" in url:
        raise ValueError(f"{url!r}: what follows a # is never sent; leave it out")
    if not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query, doseq=True)}"


def _header_templates(headers: Mapping[str, str]) -> tuple[tuple[str, Template], ...]:
    for name, value in headers.items():
        require_request_header(name, value)
    return tuple((name, _literal(value)) for name, value in headers.items())

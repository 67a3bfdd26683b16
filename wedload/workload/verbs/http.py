"""Compiling `http` and `batch`, and the requests by which identities sign in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, uuid5

from wedload.plan.expressions.language import Reads
from wedload.plan.model import Identity, sign_in_label
from wedload.plan.routes import DIRECT, VIA
from wedload.plan.verbs.http import HttpStep
from wedload.workload import render, render_bodies
from wedload.workload.compiled import (
    Batch,
    Call,
    CleanupRequest,
    CompiledIdentity,
    Digest,
    Paired,
    RequestTemplate,
)
from wedload.workload.render_parts import joined

if TYPE_CHECKING:
    from wedload.plan.auth import Auth
    from wedload.plan.expressions.template import Template
    from wedload.plan.fields import RequestLine
    from wedload.plan.model import Target
    from wedload.plan.verbs.batch import BatchStep
    from wedload.workload.compile_steps import StepCompiler
    from wedload.workload.compiled import Rendered
    from wedload.workload.request import Origin

Headers = tuple[tuple[str, "Template"], ...]


def compile_http(steps: StepCompiler, step: HttpStep, workflow: str | None) -> Call | Paired:
    """Compile an http step."""
    if step.routes is not None:
        return _compile_paired(steps, step, workflow, step.routes)
    return _HttpCompiler(steps).call(step, workflow)


def _compile_paired(steps: StepCompiler, step: HttpStep, workflow: str | None, name: str) -> Paired:
    """Compile a step that goes both ways: each is sent as the step would be to the target."""
    route, calls = steps.plan.routes[name], []
    for way, url in ((DIRECT, route.direct), (VIA, route.via)):
        there = replace(steps, route=way, destination=steps.destination.at(url))
        call = _HttpCompiler(there).call(step, workflow)
        calls.append(replace(call, when=None, let=()))  # of the pair
    direct, via = calls
    guards = {**steps.guards(step), "verb": "pair"}
    series = steps.compared(step, workflow, name)
    return Paired(**guards, route=name, series=series, direct=direct, via=via)


def compile_batch(steps: StepCompiler, step: BatchStep, workflow: str | None) -> Batch:
    """Compile a batch."""
    http = _HttpCompiler(steps)
    calls = tuple(http.call(request, workflow) for _, request in step.held(()))
    return Batch(**steps.guards(step), calls=calls)


def compile_identity(steps: StepCompiler, name: str, identity: Identity) -> CompiledIdentity:
    """Compile an identity; signing in is a step of its own in every scenario's figures."""
    return _HttpCompiler(steps).identity(name, identity)


def compile_call(steps: StepCompiler, step: HttpStep) -> Call:
    """Compile a request of no workflow, to the target."""
    return _HttpCompiler(steps).call(step, None)


def compile_inner(steps: StepCompiler, step: HttpStep, sampled: dict[str, Any]) -> Call:
    """Compile a request that a step of another verb sends on its way; `sampled` is of that step."""
    return _HttpCompiler(steps).call(step, None, sampled)


def compile_request(steps: StepCompiler, step: HttpStep) -> RequestTemplate:
    """Compile the request of an http step alone, with the headers that it is sent with."""
    return _HttpCompiler(steps).request(step)


class _HttpCompiler:
    def __init__(self, steps: StepCompiler) -> None:
        self._steps = steps
        self._plan = steps.plan
        self._to = steps.destination

    def identity(self, name: str, identity: Identity) -> CompiledIdentity:
        """Compile an identity; signing in is a step of its own in every scenario's figures."""
        sign_in = None
        if identity.http is not None:
            step = HttpStep(
                name=sign_in_label(name),
                http=identity.http,
                json=identity.json,
                form=identity.form,
                capture=identity.capture,
                discard_body=False,
            )
            sign_in = self.call(step, None)
        lines = tuple(
            (header.lower(), render.header_renderer(header, template))
            for header, template in identity.headers
        )
        digest = None
        if identity.auth is not None and identity.auth.scheme == "digest":
            digest = Digest(*render.credentials_of(identity.auth), of_step=False)
        elif identity.auth is not None:
            lines = (*lines, ("authorization", render.auth_renderer(identity.auth)))
        reads = self._reads(identity)
        return CompiledIdentity(name, sign_in, lines, identity.expires, digest, reads)

    def _reads(self, identity: Identity) -> Reads:
        """What it takes to sign in again, beside the request: also the target's credentials."""
        reads = Reads()
        for _, header in identity.headers:
            reads |= header.reads
        for _, capture in identity.capture:
            reads |= capture.reads
        for auth in (identity.auth, self._to.target.auth):
            for _, read in auth.reads() if auth is not None else ():
                reads |= read
        return reads

    def call(
        self, step: HttpStep, workflow: str | None, sampled: dict[str, Any] | None = None
    ) -> Call:
        """Compile an http step; `sampled`: the fields of `Sampled`, if they are not its own."""
        http = self._plan.http
        return Call(
            **(self._steps.sampled(step, workflow) if sampled is None else sampled),
            request=self.request(step),
            identity=step.as_,
            own_headers=own_headers(step),
            timeout_ns=step.timeout or http.timeout,
            redirects=http.redirects if step.redirects is None else step.redirects,
            max_response_bytes=(
                http.max_response if step.max_response is None else step.max_response
            ),
            keep_body=not step.discards_body(http),
            expected_status=step.expected_status.codes,
            cleanup=self._cleanup(step),
            digest=self._digest(step),
            retry=step.retry,
            obeys_limits=step.obeys_limits(http),
            fallback=None if step.fallback is None else step.fallback.evaluate,
        )

    def request(self, step: HttpStep) -> RequestTemplate:
        """The request of an http step."""
        body: Rendered | None = None
        content_type: str | None = None
        if step.json is not None:
            body, content_type = render_bodies.json_renderer(step.json), "application/json"
        elif step.form is not None:
            content_type = "application/x-www-form-urlencoded"
            body = render_bodies.form_renderer(step.form)
        elif step.body is not None:
            body, content_type = render_bodies.body_renderer(step.body), "text/plain; charset=utf-8"
        elif step.multipart is not None:
            # the same in every process, and in no content by chance
            boundary = f"wedload-{uuid5(NAMESPACE_OID, f'{self._steps.scenario}/{step.label}').hex}"
            body = render_bodies.multipart_renderer(step.multipart, self._plan.files, boundary)
            content_type = f"multipart/form-data; boundary={boundary}"
        elif step.body_file is not None:
            body = render_bodies.attachment_renderer(self._plan.files[step.body_file])
            content_type = "application/octet-stream"
        elif step.http.method in {"POST", "PUT", "PATCH"}:
            body = b""  # servers want a Content-Length on these
        origin, target = self._place(step.http, step.query)
        lines = self._header_lines(step, step.headers, content_type, to_target=origin is not None)
        return RequestTemplate(step.http.method, origin, target, joined(lines), body)

    def _header_lines(
        self, step: HttpStep, own: Headers, content_type: str | None, *, to_target: bool
    ) -> list[Rendered]:
        """Header lines by rank: the step's own, the target's, the plan's, built-in ones.

        Those of its identity are sent by the virtual user, ranking just below the step's own. The
        target's may be credentials: they do not go along with an absolute URL.
        """
        lines: dict[str, Rendered] = dict.fromkeys(self._sent_by(step.as_), b"")
        for name, template in own:
            if not lines.get(name.lower()):
                lines[name.lower()] = render.header_renderer(name, template)
        if step.auth is not None:
            lines["authorization"] = _auth_line(step.auth)
        if to_target:
            for name, template in self._to.target.headers:
                lines.setdefault(name.lower(), render.header_renderer(name, template))
            if self._to.target.auth is not None:
                lines.setdefault("authorization", _auth_line(self._to.target.auth))
        for name, template in self._plan.http.headers:
            lines.setdefault(name.lower(), render.header_renderer(name, template))
        built_in = dict(self._to.built_in_headers)
        if content_type is not None:
            built_in["Content-Type"] = content_type
        for name, value in built_in.items():
            lines.setdefault(name.lower(), f"{name}: {value}\r\n".encode())
        return list(lines.values())

    def _sent_by(self, identity: str | None) -> frozenset[str]:
        """Lower-case names of the headers that a virtual user adds when it acts as somebody."""
        if identity is None:
            return frozenset()
        return own_headers(self._plan.identities[identity])

    def _digest(self, step: HttpStep) -> Digest | None:
        """The credentials with which a step answers challenges, if it does."""
        to_target = self._place(step.http)[0] is not None
        ranks: list[HttpStep | Identity | Target] = [step]
        if step.as_ is not None:
            ranks.append(self._plan.identities[step.as_])
        for rank in [*ranks, self._to.target] if to_target else ranks:
            if "authorization" not in own_headers(rank):
                continue
            if rank.auth is None or rank.auth.scheme != "digest":
                return None  # what this one sends, none below it replaces
            of_step = not isinstance(rank, Identity)
            origin = self._to.origin if rank is self._to.target else None
            return Digest(*render.credentials_of(rank.auth), of_step=of_step, origin=origin)
        return None

    def _place(
        self, line: RequestLine, query: tuple[tuple[str, Template], ...] = ()
    ) -> tuple[Origin | None, Rendered]:
        """Origin and target of a request line; an absolute URL is taken apart when it is sent."""
        first = line.url.parts[0] if line.url.parts else ""
        if not isinstance(first, str) or not first.startswith("/"):
            return None, render.url_renderer(line.url, query)
        target = render.target_renderer(line.url, query)
        return self._to.origin, joined([self._to.base_path.encode(), target])

    def _cleanup(self, step: HttpStep) -> CleanupRequest | None:
        line = step.cleanup
        if line is None:
            return None
        origin, target = self._place(line)
        # the step's own headers are about its own request; its credentials are not
        undoing = replace(step, http=line, headers=())
        lines = self._header_lines(undoing, (), None, to_target=origin is not None)
        request = RequestTemplate(line.method, origin, target, joined(lines), None)
        return CleanupRequest(request, own_headers(undoing), self._digest(undoing))


def own_headers(of: HttpStep | Identity | Target) -> frozenset[str]:
    """Lower-case names of the headers that somebody sends, credentials included."""
    names = {name.lower() for name, _ in of.headers}
    return frozenset(names | {"authorization"} if of.auth is not None else names)


def _auth_line(auth: Auth) -> Rendered:
    """The line that shows credentials; nothing for digest, which answers what it is asked."""
    return b"" if auth.scheme == "digest" else render.auth_renderer(auth)

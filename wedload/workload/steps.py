"""Steps: from what the plan says to what will run. One function a verb, in one table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from wedload.metrics.catalogue import Catalogue, Series
from wedload.plan.model import BatchStep, HttpStep, Identity, Step, ThinkStep, UseStep
from wedload.plan.uses import discards_body, requests_of, step_name
from wedload.workload import render
from wedload.workload.flow import (
    Batch,
    Call,
    CloseGroup,
    CompiledCheck,
    CompiledIdentity,
    CompiledStep,
    Digest,
    OpenGroup,
    RequestTemplate,
    Retrying,
    Think,
    Undoing,
    Use,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wedload.plan.auth import Auth
    from wedload.plan.fields import RequestLine
    from wedload.plan.model import Plan, Target
    from wedload.plan.template import Template
    from wedload.workload.flow import Rendered
    from wedload.workload.request import Origin

Headers = tuple[tuple[str, "Template"], ...]


@dataclass(frozen=True, slots=True)
class StepCompiler:
    """Compiles the steps of one scenario (or of set-up or tear-down)."""

    plan: Plan
    origin: Origin
    base_path: str  # the path of the target's base URL, without a slash at its end
    target: Target
    built_in_headers: dict[str, str]  # lower-case names: the last in rank
    catalogue: Catalogue
    scenario: str
    judged: bool = True
    used: tuple[str, ...] = ()  # the workflows that `use` led through to these steps

    def flow(self, steps: Sequence[Step], workflow: str | None) -> tuple[CompiledStep, ...]:
        """Compile steps in order, with the beginnings and ends of their groups between them."""
        compiled: list[CompiledStep] = []
        open_groups: list[str] = []
        for step in steps:
            path = step.group.split("/") if step.group else []
            shared = 0
            while shared < min(len(path), len(open_groups)) and path[shared] == open_groups[shared]:
                shared += 1
            compiled += [CloseGroup()] * (len(open_groups) - shared)
            del open_groups[shared:]
            for part in path[shared:]:
                open_groups.append(part)
                group = "/".join(open_groups)
                compiled.append(OpenGroup(self._series(workflow, group=group)))
            compiled.append(_COMPILERS[type(step)](self, step, workflow))
        return (*compiled, *[CloseGroup()] * len(open_groups))

    def identity(self, name: str, identity: Identity) -> CompiledIdentity:
        """Compile an identity; signing in is a step of its own in every scenario's figures."""
        sign_in = None
        if identity.http is not None:
            step = HttpStep(
                name=f"sign in as {name}",
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
        return CompiledIdentity(name, sign_in, lines, identity.expires, digest)

    def call(self, step: HttpStep, workflow: str | None) -> Call:
        """Compile an http step."""
        call = self._call(step, workflow)
        if step.retry is None:
            return call
        attempt = replace(call, checks=(), ends_step=False)
        return replace(call, retry=Retrying(step.retry, attempt), plain=False)

    def _call(self, step: HttpStep, workflow: str | None) -> Call:
        http, name = self.plan.http, step_name(step)
        tags = tuple(sorted(step.tags.items()))
        labels = {"step": name, "group": step.group, "tags": tags}
        digest = self._digest(step)
        return Call(
            **_guards(step),
            series=self._series(workflow, **labels),
            request=self._request(step),
            identity=step.as_,
            own_headers=_own_headers(step),
            timeout_ns=step.timeout or http.timeout,
            redirects=http.redirects if step.redirects is None else step.redirects,
            max_response_bytes=(
                http.max_response if step.max_response is None else step.max_response
            ),
            keep_body=not discards_body(step, http),
            expected_status=step.expected_status.codes,
            captures=tuple((key, expression.evaluate) for key, expression in step.capture),
            checks=tuple(
                CompiledCheck(
                    self._series(workflow, **labels, check=check.name),
                    check.name,
                    check.expression.evaluate,
                )
                for check in step.check
            ),
            cleanup=self._cleanup(step),
            ends_iteration=step.on_failure == "end-iteration",
            digest=digest,
            retry=None,
            plain=digest is None,
        )

    def _series(self, workflow: str | None, **labels: Any) -> int:
        return self.catalogue.add_series(
            Series(self.scenario, workflow, judged=self.judged, used=self.used, **labels)
        )

    def _request(self, step: HttpStep) -> RequestTemplate:
        body: Rendered | None = None
        content_type: str | None = None
        if step.json is not None:
            body, content_type = render.json_renderer(step.json), "application/json"
        elif step.form is not None:
            content_type = "application/x-www-form-urlencoded"
            body = render.form_renderer(step.form)
        elif step.body is not None:
            body, content_type = render.body_renderer(step.body), "text/plain; charset=utf-8"
        elif step.multipart is not None:
            boundary = f"wedload-{uuid4().hex}"
            body = render.multipart_renderer(step.multipart, self.plan.files, boundary)
            content_type = f"multipart/form-data; boundary={boundary}"
        elif step.body_file is not None:
            body = render.attachment_renderer(self.plan.files[step.body_file])
            content_type = "application/octet-stream"
        elif step.http.method in {"POST", "PUT", "PATCH"}:
            body = b""  # servers want a Content-Length on these
        origin, target = self._place(step.http, step.query)
        lines = self._header_lines(step, step.headers, content_type, to_target=origin is not None)
        return RequestTemplate(step.http.method, origin, target, render.joined(lines), body)

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
            for name, template in self.target.headers:
                lines.setdefault(name.lower(), render.header_renderer(name, template))
            if self.target.auth is not None:
                lines.setdefault("authorization", _auth_line(self.target.auth))
        for name, template in self.plan.http.headers:
            lines.setdefault(name.lower(), render.header_renderer(name, template))
        built_in = dict(self.built_in_headers)
        if content_type is not None:
            built_in["content-type"] = content_type
        for name, value in built_in.items():
            lines.setdefault(name, f"{name.title()}: {value}\r\n".encode())
        return list(lines.values())

    def _sent_by(self, identity: str | None) -> frozenset[str]:
        """Lower-case names of the headers that a virtual user adds when it acts as somebody."""
        if identity is None:
            return frozenset()
        return _own_headers(self.plan.identities[identity])

    def _digest(self, step: HttpStep) -> Digest | None:
        """The credentials with which a step answers challenges, if it does."""
        to_target = self._place(step.http)[0] is not None
        ranks: list[HttpStep | Identity | Target] = [step]
        if step.as_ is not None:
            ranks.append(self.plan.identities[step.as_])
        for rank in [*ranks, self.target] if to_target else ranks:
            if "authorization" not in _own_headers(rank):
                continue
            if rank.auth is None or rank.auth.scheme != "digest":
                return None  # what this one sends, none below it replaces
            of_step = not isinstance(rank, Identity)
            origin = self.origin if rank is self.target else None
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
        return self.origin, render.joined([self.base_path.encode(), target])

    def _cleanup(self, step: HttpStep) -> Undoing | None:
        line = step.cleanup
        if line is None:
            return None
        origin, target = self._place(line)
        # the step's own headers are about its own request; its credentials are not
        undoing = replace(step, http=line, headers=())
        lines = self._header_lines(undoing, (), None, to_target=origin is not None)
        request = RequestTemplate(line.method, origin, target, render.joined(lines), None)
        return Undoing(request, _own_headers(undoing), self._digest(undoing))

    def batch(self, step: BatchStep, workflow: str | None) -> Batch:
        """Compile a batch."""
        calls = tuple(self.call(request, workflow) for _, request in requests_of(step, ()))
        return Batch(**_guards(step), calls=calls)

    def think(self, step: ThinkStep, _workflow: str | None) -> Think:
        """Compile a think step."""
        return Think(**_guards(step), duration=step.think)

    def use(self, step: UseStep, workflow: str | None) -> Use:
        """Compile a use step: the other workflow's steps count towards this one as well."""
        inside = replace(self, used=(*self.used, step.use))
        steps = inside.flow(self.plan.workflows[step.use], workflow)
        return Use(**_guards(step), steps=steps, repeat=step.repeat)


_COMPILERS: dict[type, Callable[[StepCompiler, Any, str | None], CompiledStep]] = {
    HttpStep: StepCompiler.call,
    BatchStep: StepCompiler.batch,
    ThinkStep: StepCompiler.think,
    UseStep: StepCompiler.use,
}


def _own_headers(of: HttpStep | Identity | Target) -> frozenset[str]:
    """Lower-case names of the headers that somebody sends, credentials included."""
    names = {name.lower() for name, _ in of.headers}
    return frozenset(names | {"authorization"} if of.auth is not None else names)


def _auth_line(auth: Auth) -> Rendered:
    """The line that shows credentials; nothing for digest, which answers what it is asked."""
    return b"" if auth.scheme == "digest" else render.auth_renderer(auth)


def _guards(step: Step) -> dict[str, Any]:
    return {
        "name": step_name(step) if isinstance(step, HttpStep) else step.name or step.verb,
        "when": step.when.evaluate if step.when is not None else None,
        "let": tuple((name, render.json_value(value.value)) for name, value in step.let),
    }

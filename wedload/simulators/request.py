"""A request to a simulated third party, as services and expressions read it. Pure."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from wedload.bounded import parse_json

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_PARAMETERS = 100


class Request:
    """What a client sent. `body`, `headers`, `json` and `text` are what a plan may read of it."""

    def __init__(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes = b"",
        *,
        arrived_ns: int = 0,
    ) -> None:
        """`target`: as in the request line; `headers`: by lower-case name."""
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.arrived_ns = arrived_ns  # when its last byte was read

    @cached_property
    def path(self) -> str:
        """Its path, without the query, as it was sent."""
        target = self.target
        if "://" in target.partition("?")[0]:  # in absolute form, as to a proxy
            target = "/" + target.partition("://")[2].partition("/")[2]
        return target.partition("?")[0]

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """The parts of its path, decoded."""
        return tuple(unquote(part) for part in self.path.strip("/").split("/"))

    @cached_property
    def query(self) -> Mapping[str, str]:
        """Its parameters; of those that come twice, the last."""
        try:
            pairs = parse_qsl(
                self.target.partition("?")[2],
                keep_blank_values=True,
                max_num_fields=_MOST_PARAMETERS,
            )
        except ValueError:  # too many
            return {}
        return dict(pairs)

    @cached_property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 are replaced."""
        return self.body.decode("utf-8", "replace")

    @cached_property
    def json(self) -> Any:
        """The body's content.

        Raises:
            ValueError: it is not JSON.
        """
        return parse_json(self.body)

    @property
    def json_object(self) -> dict[str, Any] | None:
        """The body's content if it is an object of JSON, else None."""
        try:
            content = self.json
        except ValueError:
            return None
        return content if isinstance(content, dict) else None

    @property
    def bearer(self) -> str:
        """The token that it shows; empty: none."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

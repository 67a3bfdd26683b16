"""An Alertmanager, as its API v2 speaks of silences and alerts. It decides nothing.

Source: Alertmanager, api/v2/openapi.yaml.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

import orjson

from wedload.export.port import ExportError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wedload.export.endpoint import Answer, Endpoint
    from wedload.plan.matchers import Matcher

AUTHOR: Final = "wedload"
_JSON: Final = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Silence:
    """One that is there, as it is called and stands."""

    id: str
    state: str  # active, pending or expired
    starts_at: str  # as Alertmanager writes it: it takes a renewal for one with the same alone
    comment: str
    author: str


@dataclass(frozen=True, slots=True)
class Alert:
    """One that fires."""

    fingerprint: str
    labels: Mapping[str, str]
    starts_at: datetime
    state: str  # active, suppressed or unprocessed
    silenced_by: frozenset[str]

    @property
    def name(self) -> str:
        """What people call it."""
        return self.labels.get("alertname", "an alert without a name")


class Alertmanager:
    """What a run asks of it; each raises ExportError if that cannot be done."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self.shown = endpoint.shown

    async def silence(
        self, matchers: Sequence[Matcher], for_s: float, comment: str, known: Silence | None = None
    ) -> str:
        """Silence what matches for so long from now on; its id. `known` is renewed."""
        now = datetime.now(UTC)
        body: dict[str, Any] = {
            "matchers": [
                {"name": one.name, "value": one.value, "isRegex": one.regex, "isEqual": one.equal}
                for one in matchers
            ],
            "startsAt": written(now) if known is None else known.starts_at,
            "endsAt": written(now + timedelta(seconds=for_s)),
            "createdBy": AUTHOR,
            "comment": comment,
        }
        if known is not None:
            body["id"] = known.id
        answer = await self._post("/api/v2/silences", body)
        return str(self._read(answer, lambda found: found["silenceID"]))

    async def silence_of(self, silence: str) -> Silence | None:
        """That silence; None: there is none."""
        answer = await self._endpoint.ask("GET", _path(silence))
        if answer.status == 404:
            return None
        self._require_taken(answer)
        found: Silence = self._read(answer, _silence)
        return found

    async def silences(self, matchers: Sequence[Matcher]) -> list[Silence]:
        """Those that have these matchers among theirs."""
        answer = await self._endpoint.send("GET", f"/api/v2/silences?{_filter(matchers)}")
        found: list[Silence] = self._read(answer, lambda all_: [_silence(one) for one in all_])
        return found

    async def expire(self, silence: str) -> None:
        """End that silence now; one that has ended, or is not there, is no mistake."""
        found = await self.silence_of(silence)
        if found is not None and found.state != "expired":
            await self._endpoint.send("DELETE", _path(silence))

    async def alerts(self, matchers: Sequence[Matcher]) -> list[Alert]:
        """Those that fire and match, whether they are silenced or not."""
        answer = await self._endpoint.send("GET", f"/api/v2/alerts?{_filter(matchers)}")
        found: list[Alert] = self._read(answer, lambda all_: [_alert(one) for one in all_])
        return found

    async def tell(self, alerts: Sequence[Mapping[str, Any]]) -> None:
        """Alerts of one's own, as its API has them."""
        await self._post("/api/v2/alerts", list(alerts))

    async def _post(self, path: str, body: Any) -> Answer:
        return await self._endpoint.send("POST", path, orjson.dumps(body), _JSON)

    def _require_taken(self, answer: Answer) -> None:
        if answer.status != 200:
            raise ExportError(f"{self.shown} answers {answer.status}: {answer.words}")

    def _read(self, answer: Answer, read: Any) -> Any:
        try:
            return read(orjson.loads(answer.body))
        except (ValueError, LookupError, TypeError, AttributeError):
            said = f"{self.shown} does not answer as an Alertmanager: {answer.words}"
            raise ExportError(said, lasting=True) from None


def written(instant: datetime) -> str:
    """An instant as the API has it."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _path(silence: str) -> str:
    return f"/api/v2/silence/{quote(silence, safe='')}"


def _filter(matchers: Sequence[Matcher]) -> str:
    return urlencode([("filter", str(one)) for one in matchers])


def _silence(found: Mapping[str, Any]) -> Silence:
    return Silence(
        str(found["id"]), str(found["status"]["state"]), str(found["startsAt"]),
        str(found["comment"]), str(found["createdBy"]),
    )  # fmt: skip


def _alert(found: Mapping[str, Any]) -> Alert:
    status = found["status"]
    return Alert(
        str(found["fingerprint"]), dict(found["labels"]),
        datetime.fromisoformat(found["startsAt"]), str(status["state"]),
        frozenset(map(str, status["silencedBy"])),
    )  # fmt: skip

"""Proofs: what the owner of a host publishes to allow load on it. Text to `Proof`, and back; pure.

A TXT record of the name `_wedload.<host>`::

    v=wedload1; host=staging.example; expires=2027-02-25; environment=staging; max_rate=500/s

or a file, `/.well-known/wedload.json` at the host (RFC 8615)::

    {"wedload": 1, "host": "staging.example", "expires": "2027-02-25", "max_vus": 200}

Both name the host, so that a copy proves nothing elsewhere, and say until when they hold. The
record's form is that of DMARC (RFC 7489 section 6.4): tags, of which the first tells what it is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal, cast, get_args

from wedload.safety.addresses import normal_host
from wedload.units import NS_PER_S, parse_duration_ns, parse_rate
from wedload.workload.permits import Caps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

#: before a host's name, where its record is
LABEL: Final = "_wedload"
PATH: Final = "/.well-known/wedload.json"
#: what is published for longer is forgotten, and allows load on whatever has the name then
MOST_DAYS: Final = 366
LARGEST_FILE_BYTES: Final = 4096
Environment = Literal["development", "test", "staging", "production"]
ENVIRONMENTS: Final[tuple[str, ...]] = get_args(Environment)

_VERSION: Final = "wedload1"
_LONGEST_SHOWN: Final = 60
_LIMITS: Final = ("environment", "max_rate", "max_vus", "max_duration")


class ProofError(ValueError):
    """A text that proves nothing; says why, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What an owner says of a host."""

    host: str  # as `normal_host` writes it
    expires: datetime  # with a time zone
    environment: Environment | None = None
    caps: Caps = field(default_factory=Caps)


@dataclass(frozen=True, slots=True)
class Judged:
    """What comes of all that is published for a host: a proof that holds, or why none does."""

    proof: Proof | None
    reasons: tuple[str, ...] = ()


def judge_records(records: Iterable[str], host: str, now: datetime) -> Judged:
    """What the TXT records at `_wedload.<host>` prove."""
    return _judged([partial(proof_in_record, one) for one in records], host, now)


def judge_file(text: bytes, host: str, now: datetime) -> Judged:
    """What a file of the host proves."""
    return _judged([partial(proof_in_file, text)], host, now)


def why_not(proof: Proof, host: str, now: datetime) -> str | None:
    """Why a proof does not hold for a host now, as the end of a sentence; None: it does."""
    if proof.host != normal_host(host):
        return f"is for another host: {shown(proof.host)}"
    if proof.expires <= now:
        return f"expired on {_last(proof.expires)}"
    if proof.expires > now + timedelta(days=MOST_DAYS + 1):
        return f"expires on {_last(proof.expires)}, which is more than {MOST_DAYS} days from now"
    return None


def proof_in_record(text: str) -> Proof:
    """Read a TXT record.

    Raises:
        ProofError: it is none of ours, or malformed.
    """
    tags: dict[str, str] = {}
    for tag in filter(None, map(str.strip, text.split(";"))):
        name, equals, value = (part.strip() for part in tag.partition("="))
        if not equals or not name:
            raise ProofError(f"has a tag that is not name=value: {shown(tag)}")
        if not tags and (name, value) != ("v", _VERSION):
            raise ProofError(f"does not begin with v={_VERSION}: {shown(text)}")
        if name in tags:
            raise ProofError(f"has the tag {name} twice")
        tags[name] = value
    if not tags:
        raise ProofError("is empty")
    return _proof({name: value for name, value in tags.items() if name != "v"})


def proof_in_file(text: bytes) -> Proof:
    """Read a well-known file.

    Raises:
        ProofError: it is malformed.
    """
    try:
        found = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        if isinstance(error, ProofError):
            raise
        raise ProofError("is not JSON") from None
    version = found.pop("wedload", None) if isinstance(found, dict) else None
    if type(version) is not int or version != 1:  # true is 1, too
        raise ProofError('is not a JSON object with "wedload": 1')
    return _proof(found)


def record_of(proof: Proof) -> str:
    """A proof as a TXT record."""
    return "; ".join([f"v={_VERSION}", *(f"{key}={value}" for key, value in _said(proof).items())])


def file_of(proof: Proof) -> str:
    """A proof as a well-known file."""
    return json.dumps({"wedload": 1, **_said(proof)})


def told_beside(proof: Proof) -> str:
    """What a proof says besides whom it is about and until when; empty: nothing."""
    said = [f"{key} = {value}" for key, value in _said(proof).items() if key in _LIMITS]
    return ", ".join(said)


def shown(text: str) -> str:
    """A text of somebody else, short and in printable characters."""
    plain = text.encode("ascii", "backslashreplace").decode()
    plain = "".join(one if one.isprintable() else "?" for one in plain)
    return plain if len(plain) <= _LONGEST_SHOWN else f"{plain[:_LONGEST_SHOWN]}…"


# --- inside -------------------------------------------------------------------------------------


def _judged(readers: Iterable[Callable[[], Proof]], host: str, now: datetime) -> Judged:
    reasons: list[str] = []
    for read in readers:
        try:
            proof = read()
        except ProofError as error:
            reasons.append(str(error))
            continue
        if (why := why_not(proof, host, now)) is None:
            return Judged(proof)
        reasons.append(why)
    return Judged(None, tuple(reasons))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ProofError(f"has the key {shown(twice)} twice")
    return dict(pairs)


def _proof(said: Mapping[str, Any]) -> Proof:
    """Raises ProofError."""
    for key in said:
        if key not in _READERS:  # it may be a limit
            raise ProofError(f"says {shown(key)}, which this version of wedload does not know")
    read: dict[str, Any] = {}
    for key, value in said.items():
        try:
            read[key] = _READERS[key](value)
        except (ValueError, OverflowError):
            text = shown(str(value))
            message = f"has a wrong {key}: {text}; expected {_EXPECTED[key]}"
            raise ProofError(message) from None
    for key in ("host", "expires"):
        if key not in read:
            raise ProofError(f"says no {key}")
    caps = Caps(read.get("max_rate"), read.get("max_vus"), read.get("max_duration"))
    return Proof(read["host"], read["expires"], read.get("environment"), caps)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(value)
    return value


def _expiry(value: Any) -> datetime:
    """A day, to the end of which it holds in UTC, or an instant."""
    text = _text(value)
    if len(text) == len("2027-02-25"):
        day = date.fromisoformat(text)
        return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(text)
    return instant.astimezone(UTC)


def _environment(value: Any) -> Environment:
    if value not in ENVIRONMENTS:
        raise ValueError(value)
    return cast("Environment", value)


def _rate(value: Any) -> Any:
    amount, per_ns = parse_rate(_text(value))
    return _above_zero(amount * NS_PER_S / per_ns)


def _count(value: Any) -> int:
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(value)  # noqa: TRY004 - told as one that is none
    return cast("int", _above_zero(value))


def _above_zero(value: Any) -> Any:
    if value <= 0:
        raise ValueError(value)
    return value


_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "host": lambda value: normal_host(_text(value)),
    "expires": _expiry,
    "environment": _environment,
    "max_rate": _rate,
    "max_vus": _count,
    "max_duration": lambda value: _above_zero(parse_duration_ns(_text(value))),
}
#: what each of them reads
_EXPECTED: Final = {
    "host": "a name or an address",
    "expires": "a day, 2027-02-25, or an instant, 2027-02-25T12:00:00Z",
    "environment": ", ".join(ENVIRONMENTS),
    "max_rate": "500/s or 600/1m",
    "max_vus": "a whole number above 0",
    "max_duration": "30m or 90s",
}


def _said(proof: Proof) -> dict[str, Any]:
    """A proof as keys and values; what it does not say is left out."""
    said: dict[str, Any] = {"host": proof.host, "expires": _written_expiry(proof.expires)}
    if proof.environment is not None:
        said["environment"] = proof.environment
    caps = proof.caps
    if caps.max_rate is not None:
        rate, seconds = caps.max_rate.as_integer_ratio()
        said["max_rate"] = f"{rate}/s" if seconds == 1 else f"{rate}/{seconds}s"
    if caps.max_vus is not None:
        said["max_vus"] = caps.max_vus
    if caps.max_duration_ns is not None:
        said["max_duration"] = _duration(caps.max_duration_ns)
    return said


def _duration(ns: int) -> str:
    """A duration as durations are written, exact."""
    seconds, rest = divmod(ns, NS_PER_S)
    return f"{seconds}s" + (f"{rest}ns" if rest else "")


def _written_expiry(expires: datetime) -> str:
    return _day(expires) or expires.isoformat()


def _last(expires: datetime) -> str:
    """The day or the instant of an expiry, for people: a day as it was written."""
    return _day(expires) or f"{expires:%Y-%m-%d %H:%M} UTC"


def _day(expires: datetime) -> str | None:
    """The day at whose end it expires; None: at another time of a day."""
    midnight = not (expires.hour or expires.minute or expires.second or expires.microsecond)
    return f"{expires - timedelta(days=1):%Y-%m-%d}" if midnight else None

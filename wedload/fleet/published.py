"""What is published for a host: its TXT records, and its well-known file, each asked for once.

The only packets that go to a host before it is proven: a question to the name server, and one small
request for the file, to addresses that were checked, without following a redirect.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wedload.about import __version__
from wedload.clock import MonotonicClock
from wedload.protocols.http.pool import WirePool
from wedload.safety.addresses import normal_host
from wedload.safety.outlook import to_prove
from wedload.safety.proof import LABEL, LARGEST_FILE_BYTES, PATH, Judged, judge_file, judge_records
from wedload.safety.target_guard import DeclaredHosts
from wedload.units import NS_PER_S
from wedload.workload.permits import Permit, Permits
from wedload.workload.request import Request

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence
    from datetime import datetime

    from wedload.workload.request import Origin

_PATIENCE_S: Final = 5.0
_MOST_RECORDS: Final = 20
_OK: Final = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """A host, and where its file is asked for."""

    host: str
    origin: Origin
    addresses: Sequence[str]  # checked
    port: int | None = None  # instead of the origin's
    has_record: bool = True  # False: an address has no record, and where a plan leads it, no name
    tls: ssl.SSLContext | None = None  # None: as the system has it

    @property
    def shown(self) -> str:
        """What `wedload prove` is to be told for the same."""
        return to_prove(self.host, self.origin)


@dataclass(frozen=True, slots=True)
class Found:
    """What is published, in words, and what comes of it."""

    judged: Judged
    how: str = ""  # what proves it: `its TXT record`, or the file's URL
    said: tuple[str, ...] = field(default=())  # why the rest does not


async def published_proof(
    asked: Asked, now: datetime, *, nameserver: tuple[str, int] | None = None
) -> Found:
    """The proof that a host has: its record's, or its file's.

    `nameserver`: address and port of the one to ask, instead of the system's.
    """
    said: list[str] = []
    if asked.has_record:
        name = f"{LABEL}.{asked.host}"
        records, problem = await asyncio.to_thread(txt_records, name, nameserver)
        judged = judge_records(records, asked.host, now)
        if judged.proof is not None:
            return Found(judged, f"the TXT record {name}")
        said += [f"the TXT record {name} {why}" for why in judged.reasons]
        if not records:
            said.append(f"the TXT record {name} {problem or 'is not there'}")
    url = f"{asked.origin}{PATH}"
    text, problem = await well_known_file(asked)
    judged = Judged(None, (problem,)) if text is None else judge_file(text, asked.host, now)
    if judged.proof is not None:
        return Found(judged, url)
    return Found(judged, said=(*said, *(f"{url} {why}" for why in judged.reasons)))


def txt_records(name: str, nameserver: tuple[str, int] | None) -> tuple[list[str], str]:
    """The TXT records of a name, or why there is no answer, as the end of a sentence. It waits."""
    # only here: a run that stays on this machine asks nobody
    from dns.exception import DNSException  # noqa: PLC0415
    from dns.resolver import NXDOMAIN, NoAnswer, Resolver  # noqa: PLC0415

    try:
        resolver = Resolver(configure=nameserver is None)
        if nameserver is not None:
            resolver.nameservers, resolver.port = [nameserver[0]], nameserver[1]
        answer = resolver.resolve(name, "TXT", lifetime=_PATIENCE_S, search=False)
    except (NXDOMAIN, NoAnswer):
        return [], ""
    except (DNSException, OSError, UnicodeError, ValueError) as error:
        return [], f"cannot be looked up: {error or type(error).__name__}"
    texts = [b"".join(record.strings) for record in list(answer)[:_MOST_RECORDS]]
    return [text.decode("utf-8", "backslashreplace") for text in texts], ""


async def well_known_file(asked: Asked) -> tuple[bytes | None, str]:
    """The file of a host, or why there is none, as the end of a sentence."""
    name = normal_host(asked.origin.host)
    guard = DeclaredHosts(frozenset((name,)), Permits((Permit(name, tuple(asked.addresses)),)))
    hosts = {}
    if asked.port is not None:
        hosts[asked.origin.host.lower()] = asked.addresses[0], asked.port
    pool = WirePool(MonotonicClock(), asked.tls, hosts=hosts, guard=guard)
    headers = f"User-Agent: wedload/{__version__}\r\nAccept: application/json\r\n".encode()
    request = Request(asked.origin, "GET", PATH.encode(), headers, None)
    try:
        response = await pool.client().exchange(
            request, (), round(_PATIENCE_S * NS_PER_S), LARGEST_FILE_BYTES
        )
    finally:
        await pool.close()
    if response.outcome != "ok":
        return None, f"is not there: {response.problem or response.outcome}"
    if response.status != _OK:
        return None, f"is not there: it answers with status {response.status}"
    return response.body, ""

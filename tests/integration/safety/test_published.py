"""Asking for proofs: a real name server, and real servers of HTTP, on loopback."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import pytest

from tests.helpers.name_server import Names
from wedload.fleet.published import Asked, published_proof, txt_records, well_known_file
from wedload.safety.proof import LARGEST_FILE_BYTES
from wedload.workload.request import Origin

NOW = datetime(2026, 11, 27, tzinfo=UTC)
RECORD = "v=wedload1; host=staging.test; expires=2027-02-25"
FILE = json.dumps({"wedload": 1, "host": "staging.test", "expires": "2027-02-25"})


@pytest.fixture
def names():
    one = Names(0)
    yield one
    one.close()


@pytest.fixture
async def serving():
    """A server that answers with these bytes; where its file is, and what it was asked."""
    servers = []

    async def serve(answer: bytes) -> tuple[Asked, list[bytes]]:
        heads = []

        async def serve_one(reader, writer):
            heads.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(answer)
            await writer.drain()
            writer.close()

        servers.append(await asyncio.start_server(serve_one, "127.0.0.1", 0))
        port = servers[-1].sockets[0].getsockname()[1]
        origin = Origin("http", "staging.test", port)
        return Asked("staging.test", origin, ["127.0.0.1"]), heads

    yield serve
    for one in servers:
        one.close()
        await one.wait_closed()


def answer(body: str, status: str = "200 OK", more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return (head + body).encode()


@pytest.mark.parametrize(
    ("name", "records", "problem"),
    [
        ("_wedload.staging.test", [RECORD, "v=spf1 -all"], ""),
        ("_wedload.other.test", [], ""),
        ("empty.test", [], ""),
        ("broken.test", [], "cannot be looked up: "),
        ("a..b", [], "cannot be looked up: "),
        ("x" * 70, [], "cannot be looked up: "),
    ],
)
def test_the_records_of_a_name_are_those_of_its_name_server(names, name, records, problem):
    names.answers = {
        "_wedload.staging.test": {"TXT": [[RECORD, "v=spf1 -all"]]},
        "empty.test": {"A": [["192.0.2.1"]]},
    }

    found, why = txt_records(name, names.address)

    assert sorted(found) == sorted(records)
    assert why.startswith(problem)
    assert bool(why) is bool(problem)


async def test_the_file_is_asked_for_by_its_name_at_the_address_that_was_checked(serving):
    asked, heads = await serving(answer(FILE))

    text, problem = await well_known_file(asked)

    assert (text, problem) == (FILE.encode(), "")
    (head,) = heads
    assert head.startswith(b"GET /.well-known/wedload.json HTTP/1.1\r\nHost: staging.test:")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (answer("no", "404 Not Found"), "it answers with status 404"),
        (answer("", "302 Found", "Location: http://127.0.0.1:1/\r\n"), "status 302"),
        (answer("x" * (LARGEST_FILE_BYTES + 1)), "is not there: "),
        (b"no HTTP at all\r\n\r\n", "is not there: "),
        (b"", "is not there: "),
    ],
)
async def test_a_file_that_is_none_is_told_with_the_reason(serving, given, why):
    asked, heads = await serving(given)

    text, problem = await well_known_file(asked)

    assert text is None
    assert why in problem
    assert len(heads) == 1


async def test_nobody_there_is_told(serving):
    asked, _ = await serving(b"")
    nobody = Asked(asked.host, Origin("http", "staging.test", 9), ["127.0.0.1"])

    assert "is not there: " in (await well_known_file(nobody))[1]


async def test_a_record_that_holds_is_enough_and_one_that_does_not_leaves_it_to_the_file(
    names, serving
):
    asked, heads = await serving(answer(FILE))
    names.answers = {"_wedload.staging.test": {"TXT": [[RECORD], ["v=spf1 -all"]]}}

    by_record = await published_proof(asked, NOW, nameserver=names.address)
    asked_so_far = len(heads)
    by_file = await published_proof(asked, NOW, nameserver=names.address)

    assert by_record.how == "the TXT record _wedload.staging.test"
    assert asked_so_far == 0
    assert by_file.how.endswith("/.well-known/wedload.json")
    assert by_file.judged.proof == by_record.judged.proof


async def test_why_nothing_holds_is_told_of_both(names, serving):
    asked, _ = await serving(answer("{}"))

    found = await published_proof(asked, NOW, nameserver=names.address)
    led = Asked(asked.host, asked.origin, asked.addresses, has_record=False)
    without_record = await published_proof(led, NOW, nameserver=names.address)

    assert found.judged.proof is None
    assert found.said[0] == "the TXT record _wedload.staging.test is not there"
    assert 'is not a JSON object with "wedload": 1' in found.said[1]
    assert without_record.said == found.said[1:]
    assert names.asked == ["_wedload.staging.test TXT"]

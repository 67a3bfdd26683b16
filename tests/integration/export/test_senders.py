"""What is sent over HTTP, and what becomes of it when it is not taken; on real sockets."""

from __future__ import annotations

import gzip
from email.utils import formatdate

import cramjam
import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)

from tests.helpers.pictures import COMMON, picture_of_shop
from tests.helpers.prompb import by_labels, read
from tests.helpers.taker import Taker
from wedload.about import __version__
from wedload.export.endpoint import Endpoint
from wedload.export.otlp.sender import Otlp
from wedload.export.port import ExportError
from wedload.export.remote_write.sender import RemoteWrite
from wedload.export.remote_write.writing import Writing

LOCAL = ("127.0.0.1",)


@pytest.fixture
def taker():
    server = Taker()
    yield server
    server.close()


def remote_write(taker, most_bytes=1_000_000):
    writing = Writing({"job": "load"}, as_native=False, most_bytes=most_bytes)
    endpoint = Endpoint(f"{taker.url}/api/v1/write", LOCAL, {"X-Tenant": "us"})
    return RemoteWrite(endpoint, writing)


def otlp(taker):
    return Otlp(Endpoint(f"{taker.url}/base", LOCAL, {"X-Tenant": "us"}), COMMON)


async def sent(exporter, *pictures):
    """What sending these says; None: it is well."""
    found = []
    for one in pictures:
        try:
            await exporter.send(one)
        except ExportError as error:
            found.append(error)
        else:
            found.append(None)
    return found


def written(taker):
    return [bytes(cramjam.snappy.decompress_raw(body)) for *_, body in taker.taken]


async def test_remote_write_says_what_it_is(taker):
    exporter = remote_write(taker)
    assert await sent(exporter, picture_of_shop()) == [None]
    await exporter.close()
    ((method, path, headers, body),) = taker.taken
    assert (method, path, exporter.to) == ("POST", "/api/v1/write", taker.url)
    expected = {
        "Content-Encoding": "snappy", "Content-Type": "application/x-protobuf",
        "X-Prometheus-Remote-Write-Version": "0.1.0", "User-Agent": f"wedload/{__version__}",
        "X-Tenant": "us",
    }  # fmt: skip
    assert expected.items() <= headers.items()
    assert len(read(bytes(cramjam.snappy.decompress_raw(body))).timeseries) > 50


async def test_what_has_arrived_of_a_picture_is_not_sent_again(taker):
    exporter = remote_write(taker, most_bytes=8_000)
    picture = picture_of_shop(is_last=True)
    taker.script = [200, 503]
    (failed,) = await sent(exporter, picture)
    assert not failed.lasting
    assert await sent(exporter, picture) == [None]
    await exporter.close()
    first, refused, *others = written(taker)
    assert refused == others[0]
    assert first not in others
    for new in by_labels(first, *others).values():  # each value, and behind it the marker
        instants = [one.timestamp for one in new]
        assert instants == sorted(set(instants))
        assert len(instants) == 2


async def test_a_request_that_is_refused_does_not_keep_the_others(taker):
    exporter = remote_write(taker, most_bytes=8_000)
    taker.script = [200, (400, {}, b"out of order sample")]
    (failed,) = await sent(exporter, picture_of_shop())
    await exporter.close()
    assert failed.lasting
    assert failed.message == f"{taker.url} answers 400: out of order sample"
    assert len(taker.taken) > 2


async def test_a_newer_picture_does_not_wait_for_the_rest_of_an_older_one(taker):
    exporter = remote_write(taker, most_bytes=8_000)
    taker.script = [500]
    newer = picture_of_shop(is_last=True)
    failed, done = await sent(exporter, picture_of_shop(), newer)
    await exporter.close()
    assert (failed.lasting, done) == (False, None)
    _, *others = written(taker)
    for labels, new in by_labels(*others).items():
        assert len(new) == 2, labels


@pytest.mark.parametrize(
    ("status", "lasting"), [(429, False), (500, False), (503, False), (400, True), (404, True)]
)
@pytest.mark.parametrize("make", [remote_write, otlp])
async def test_what_may_be_taken_later_is_told_from_what_is_refused(taker, make, status, lasting):
    exporter = make(taker)
    taker.script = [(status, {"Retry-After": "7"}, b"no")]
    failed, again = await sent(exporter, picture_of_shop(), picture_of_shop())
    await exporter.close()
    assert (failed.message, failed.lasting) == (f"{taker.url} answers {status}: no", lasting)
    assert (failed.rest_s, again) == (7, None)


async def test_a_rest_may_be_asked_for_until_an_instant(taker):
    exporter = otlp(taker)
    taker.script = [(429, {"Retry-After": formatdate(4e9, usegmt=True)}, b"")]
    (failed,) = await sent(exporter, picture_of_shop())
    await exporter.close()
    assert failed.rest_s > 1e9


async def test_otlp_says_what_it_is(taker):
    exporter = otlp(taker)
    assert await sent(exporter, picture_of_shop()) == [None]
    await exporter.close()
    ((method, path, headers, body),) = taker.taken
    assert (method, path, exporter.to) == ("POST", "/base/v1/metrics", taker.url)
    expected = {
        "Content-Encoding": "gzip", "Content-Type": "application/x-protobuf",
        "User-Agent": f"wedload/{__version__}", "X-Tenant": "us",
    }  # fmt: skip
    assert expected.items() <= headers.items()
    request = ExportMetricsServiceRequest.FromString(gzip.decompress(body))
    assert len(request.resource_metrics[0].scope_metrics[0].metrics) > 5


async def test_what_a_collector_did_not_take_is_said_and_not_sent_again(taker):
    answer = ExportMetricsServiceResponse()
    answer.partial_success.rejected_data_points = 2
    answer.partial_success.error_message = "too many\nattributes"
    exporter = otlp(taker)
    taker.script = [(200, {"Content-Type": "application/x-protobuf"}, answer.SerializeToString())]
    (failed,) = await sent(exporter, picture_of_shop())
    await exporter.close()
    said = f"{taker.url} has not taken 2 data points: too many attributes"
    assert (failed.message, failed.lasting) == (said, True)


async def test_a_warning_of_a_collector_that_has_taken_all_is_no_failure(taker):
    answer = ExportMetricsServiceResponse()
    answer.partial_success.error_message = "use TLS"
    exporter = otlp(taker)
    taker.script = [(200, {}, answer.SerializeToString())]
    assert await sent(exporter, picture_of_shop()) == [None]
    await exporter.close()

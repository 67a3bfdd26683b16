"""Prometheus' remote write, read with Google's protobuf: the oracle of what we encode ourselves.

The messages are those of `prompb/remote.proto` and `prompb/types.proto`, as far as they are used.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_Field = descriptor_pb2.FieldDescriptorProto
#: message -> (name, number, type or message); a type that ends in * is repeated
_MESSAGES: dict[str, list[tuple[str, int, str]]] = {
    "WriteRequest": [("timeseries", 1, "TimeSeries*"), ("metadata", 3, "MetricMetadata*")],
    "MetricMetadata": [
        ("type", 1, "int32"), ("metric_family_name", 2, "string"), ("help", 4, "string"),
        ("unit", 5, "string"),
    ],
    "TimeSeries": [
        ("labels", 1, "Label*"), ("samples", 2, "Sample*"), ("histograms", 4, "Histogram*"),
    ],
    "Label": [("name", 1, "string"), ("value", 2, "string")],
    "Sample": [("value", 1, "double"), ("timestamp", 2, "int64")],
    "Histogram": [
        ("count_int", 1, "uint64"), ("sum", 3, "double"), ("schema", 4, "sint32"),
        ("zero_threshold", 5, "double"), ("zero_count_int", 6, "uint64"),
        ("negative_spans", 8, "BucketSpan*"), ("negative_deltas", 9, "sint64*"),
        ("positive_spans", 11, "BucketSpan*"), ("positive_deltas", 12, "sint64*"),
        ("reset_hint", 14, "int32"), ("timestamp", 15, "int64"),
    ],
    "BucketSpan": [("offset", 1, "sint32"), ("length", 2, "uint32")],
}  # fmt: skip


def _pool() -> descriptor_pool.DescriptorPool:
    file = descriptor_pb2.FileDescriptorProto(
        name="prompb.proto", package="prometheus", syntax="proto3"
    )
    for message, fields in _MESSAGES.items():
        made = file.message_type.add(name=message)
        for name, number, kind in fields:
            plain = kind.removesuffix("*")
            label = _Field.LABEL_REPEATED if plain != kind else _Field.LABEL_OPTIONAL
            field = made.field.add(name=name, number=number, label=label)
            if plain in _MESSAGES:
                field.type, field.type_name = _Field.TYPE_MESSAGE, f".prometheus.{plain}"
            else:
                field.type = getattr(_Field, f"TYPE_{plain.upper()}")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool


_WriteRequest: Any = message_factory.GetMessageClass(
    _pool().FindMessageTypeByName("prometheus.WriteRequest")
)


def read(request: bytes) -> Any:
    """A `WriteRequest`; nothing in it is unknown."""
    found = _WriteRequest.FromString(request)
    known = found.SerializeToString()
    assert len(known) <= len(request)  # zeros that are written out are not lost
    return found


def by_labels(*requests: bytes) -> dict[frozenset[tuple[str, str]], list[Any]]:
    """What is new of each series, in the order in which it is sent."""
    found: dict[frozenset[tuple[str, str]], list[Any]] = {}
    for request in requests:
        for one in read(request).timeseries:
            labels = frozenset((label.name, label.value) for label in one.labels)
            found.setdefault(labels, []).extend([*one.samples, *one.histograms])
    return found


def buckets(histogram: Any) -> dict[int, int]:
    """The counts of a native histogram, by its buckets' numbers."""
    found: dict[int, int] = {}
    deltas = iter(histogram.positive_deltas)
    index = count = 0
    for span in histogram.positive_spans:
        index += span.offset
        for _ in range(span.length):
            count += next(deltas)
            found[index] = count
            index += 1
    assert not list(deltas)
    return found

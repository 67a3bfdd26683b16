"""What is to be written of pictures, one after the other, and which series have ended. Pure.

A series that a picture has not got any more has ended, as one that a Prometheus does not find any
more; with the last picture all have. The markers that say so come last.

Source: https://prometheus.io/docs/specs/prw/remote_write_spec/#stale-markers
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.export.buckets import bounds_of, cumulative, le, per_unit
from wedload.export.remote_write.messages import Instant, metadata, series_labels, time_series
from wedload.export.remote_write.native import native, native_at, native_end
from wedload.metrics.histogram import Histogram

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wedload.export.model import Family, Labels, Picture, Point

#: of a request, before it is compressed: a thousand samples. What else the coordinator has to do
#: comes in between
MOST_BYTES: Final = 250_000
_MS_PER_S: Final = 1000


class Writing:
    """That of one run."""

    def __init__(
        self, common: Mapping[str, str], *, as_native: bool, most_bytes: int = MOST_BYTES
    ) -> None:
        """`common`: labels of all series, where they have no such of their own."""
        self._common = common
        self._native = as_native
        self._most_bytes = most_bytes
        self._labels: dict[tuple[str, Labels], tuple[bytes, ...]] = {}
        self._known: dict[bytes, tuple[Histogram, bytes]] = {}  # labels -> what it is encoded as
        self._live: dict[bytes, bool] = {}  # labels -> whether it is of native histograms
        self._described: set[str] = set()
        self._at_ms = 0  # of the picture before

    def requests(self, picture: Picture) -> Iterator[bytes]:
        """The `WriteRequest`s of a picture, each made when it is asked for."""
        # a clock may be set back, but what is older than a series' last sample would be refused
        self._at_ms = at_ms = max(round(picture.at_s * _MS_PER_S), self._at_ms + 1)
        current: set[bytes] = set()
        yield from self._batches(self._samples(picture, Instant(at_ms), current))
        if picture.is_last:
            self._at_ms = at_ms = at_ms + 1  # a series has one sample at an instant
            current.clear()
        ended = {one: kind for one, kind in self._live.items() if one not in current}
        value_end, histogram_end = Instant(at_ms).end(), native_end(at_ms)
        yield from self._batches(
            time_series(one, histogram_end if is_native else value_end)
            for one, is_native in ended.items()
        )
        for one in ended:
            del self._live[one]

    def _samples(self, picture: Picture, at: Instant, current: set[bytes]) -> Iterator[bytes]:
        for family in picture.families:
            if family.name not in self._described:
                self._described.add(family.name)
                yield metadata(family)
            as_native = self._native and family.kind == "histogram"
            for point in family.points:
                names = self._names(family, point)
                contents = self._contents(family, point, names, at)
                for labels, content in zip(names, contents, strict=True):
                    current.add(labels)
                    self._live[labels] = as_native
                    yield time_series(labels, content)

    def _contents(
        self, family: Family, point: Point, names: Sequence[bytes], at: Instant
    ) -> list[bytes]:
        """What is new of the series of a point."""
        value, per = point.value, per_unit(family.unit)
        if not isinstance(value, Histogram):
            return [at.sample(value)]
        if not self._native:
            counts = (*cumulative(value, bounds_of(family.unit), per), value.count)
            return [at.sample(one) for one in (*counts, value.sum_ns / per, value.count)]
        known = self._known.get(names[0])
        if known is None or known[0] is not value:  # one of a stage that is over stays as it is
            known = self._known[names[0]] = value, native(value, per)
        return [native_at(known[1], at.at_ms)]

    def _names(self, family: Family, point: Point) -> tuple[bytes, ...]:
        """The labels of the series of a point, in the order of what is new of them."""
        key = family.name, point.labels
        if key not in self._labels:
            own = {**self._common, **dict(point.labels)}
            name = family.name
            if family.kind != "histogram" or self._native:
                self._labels[key] = (series_labels(name, own),)
            else:
                bounds = [*map(le, bounds_of(family.unit)), "+Inf"]
                self._labels[key] = (
                    *(series_labels(f"{name}_bucket", {**own, "le": one}) for one in bounds),
                    series_labels(f"{name}_sum", own),
                    series_labels(f"{name}_count", own),
                )
        return self._labels[key]

    def _batches(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        batch: list[bytes] = []
        size = 0
        for part in parts:
            if batch and size + len(part) > self._most_bytes:
                yield b"".join(batch)
                batch.clear()
                size = 0
            batch.append(part)
            size += len(part)
        if batch:
            yield b"".join(batch)

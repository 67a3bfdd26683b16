from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.sandbox.geo import bounding_box, chord_squared, distance_km, unit_vector

LATITUDES, LONGITUDES = st.floats(-90, 90), st.floats(-180, 180)


def apart_km(here, there):
    squared = sum(
        (a - b) ** 2 for a, b in zip(unit_vector(*here), unit_vector(*there), strict=True)
    )
    return distance_km(squared)


@pytest.mark.parametrize(
    ("here", "there", "km"),
    [
        ((0, 0), (0, 0), 0),
        ((0, 0), (0, 1), 111.195),
        ((51.507, -0.128), (48.857, 2.352), 343.5),
        ((90, 0), (-90, 0), 20015.115),
        ((0, 179.5), (0, -179.5), 111.195),
    ],
)
def test_known_distances(here, there, km):
    assert apart_km(here, there) == pytest.approx(km, abs=0.1)


@given(st.floats(0, 20015))
def test_chord_and_distance_are_each_others_inverse(km):
    assert distance_km(chord_squared(km)) == pytest.approx(km, abs=0.5)


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES, st.floats(0, 20038))
def test_box_holds_every_point_within_the_radius(lat, lon, other_lat, other_lon, radius_km):
    # The centimetre allows for the last digits of floating point.
    if apart_km((lat, lon), (other_lat, other_lon)) > radius_km - 1e-5:
        return
    box = bounding_box(lat, lon, radius_km)
    assert box.south <= other_lat <= box.north
    if box.west <= box.east:
        assert box.west <= other_lon <= box.east or abs(other_lat) > 89.9999
    else:
        assert other_lon >= box.west or other_lon <= box.east or abs(other_lat) > 89.9999

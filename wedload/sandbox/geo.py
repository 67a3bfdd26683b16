"""Places on the Earth taken as a sphere: points, boxes, distances. Pure arithmetic.

Source: the mean radius of the IUGG, 6371.0088 km; the box is Jan Matuschek's "Finding points
within a distance of a latitude/longitude using bounding coordinates".
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, cos, degrees, pi, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0088


@dataclass(frozen=True, slots=True)
class Box:
    """Bounds in degrees. `west` > `east` where the box crosses the antimeridian."""

    south: float
    north: float
    west: float
    east: float


def unit_vector(lat: float, lon: float) -> tuple[float, float, float]:
    """The point of the unit sphere at `lat`, `lon` in degrees."""
    phi, lam = radians(lat), radians(lon)
    return cos(phi) * cos(lam), cos(phi) * sin(lam), sin(phi)


def chord_squared(distance_km: float) -> float:
    """Square of the straight line, in Earth radii, under `distance_km` along the ground."""
    half = min(distance_km / EARTH_RADIUS_KM, pi) / 2
    return float((2 * sin(half)) ** 2)


def distance_km(squared_chord: float) -> float:
    """The inverse of `chord_squared`, to centimetres."""
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(max(0.0, squared_chord)) / 2))


def bounding_box(lat: float, lon: float, radius_km: float) -> Box:
    """The smallest box that holds every point within `radius_km` of `lat`, `lon`."""
    angle = radius_km / EARTH_RADIUS_KM
    south, north = lat - degrees(angle), lat + degrees(angle)
    if south <= -90 or north >= 90:
        # A pole lies inside: every meridian passes through the circle.
        return Box(max(south, -90.0), min(north, 90.0), -180.0, 180.0)
    half_width = degrees(asin(min(1.0, sin(angle) / cos(radians(lat)))))
    west, east = lon - half_width, lon + half_width
    return Box(
        south, north, west + 360 if west < -180 else west, east - 360 if east > 180 else east
    )

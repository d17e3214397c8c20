"""Land to subdivide: shapes by name, parks put together from them, and parks drawn at random."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import geopandas as gpd
import numpy as np
import shapely
import shapely.affinity

CRS = "EPSG:32642"
EAST, NORTH = 672_000.0, 5_677_000.0
"""Coordinates as large as they are in Astana: 6 and 7 digits before the point."""

T = TypeVar("T")


@dataclass(frozen=True)
class Park:
    """Inputs of the stage."""

    zones: gpd.GeoDataFrame
    exclusions: gpd.GeoDataFrame
    gates: gpd.GeoDataFrame

    def __repr__(self) -> str:  # what Hypothesis prints: enough to build the park again
        zones = [(u, g.wkt) for u, g in zip(self.zones["use"], self.zones.geometry, strict=True)]
        water = [
            (bool(c), g.wkt)
            for c, g in zip(self.exclusions["crossable"], self.exclusions.geometry, strict=True)
        ]
        return f"from_wkt({zones}, {water}, {[g.wkt for g in self.gates.geometry]})"


def park(
    zones: Sequence[Any],
    *,
    uses: Sequence[str] | None = None,
    water: Sequence[Any] = (),
    pipelines: Sequence[Any] = (),
    gates: Sequence[Any] = (),
    gate_kind: str = "road",
) -> Park:
    """Put a park together from geometries near the origin; they are moved to Astana.

    Streets may cross `pipelines`, and may not cross `water`.
    """
    barriers = [*water, *pipelines]
    return Park(
        gpd.GeoDataFrame(
            {
                "zone_id": [f"Z{index + 1}" for index in range(len(zones))],
                "use": list(uses or ["production"] * len(zones)),
            },
            geometry=[moved(zone) for zone in zones],
            crs=CRS,
        ),
        gpd.GeoDataFrame(
            {"crossable": [False] * len(water) + [True] * len(pipelines)},
            geometry=[moved(barrier) for barrier in barriers],
            crs=CRS,
        ),
        gpd.GeoDataFrame(
            {"kind": [gate_kind] * len(gates)}, geometry=[moved(gate) for gate in gates], crs=CRS
        ),
    )


def from_wkt(
    zones: Sequence[tuple[str, str]],
    exclusions: Sequence[tuple[bool, str]],
    gates: Sequence[str],
) -> Park:
    """Build a park from what its repr says."""
    return Park(
        gpd.GeoDataFrame(
            {
                "zone_id": [f"Z{index + 1}" for index in range(len(zones))],
                "use": [use for use, _ in zones],
            },
            geometry=[shapely.from_wkt(text) for _, text in zones],
            crs=CRS,
        ),
        gpd.GeoDataFrame(
            {"crossable": [crossable for crossable, _ in exclusions]},
            geometry=[shapely.from_wkt(text) for _, text in exclusions],
            crs=CRS,
        ),
        gpd.GeoDataFrame(
            {"kind": ["road"] * len(gates)},
            geometry=[shapely.from_wkt(text) for text in gates],
            crs=CRS,
        ),
    )


def moved(geometry: Any) -> Any:
    """Move a geometry from near the origin to Astana."""
    return shapely.transform(geometry, lambda xy: xy + np.array([EAST, NORTH]))


def back(geometry: Any) -> Any:
    """Move a geometry, or an array of them, from Astana to near the origin."""
    return shapely.transform(geometry, lambda xy: xy - np.array([EAST, NORTH]))


def comb(width: float, height: float, teeth: int, *, spine: float = 0.25) -> Any:
    """Teeth that stand on a spine, with gaps as wide as the teeth."""
    step = width / (2 * teeth - 1)
    prongs = [shapely.box(2 * i * step, 0, (2 * i + 1) * step, height) for i in range(teeth)]
    return shapely.union_all([*prongs, shapely.box(0, 0, width, spine * height)])


def star(radius: float, points: int, *, inner: float = 0.45) -> Any:
    """A star with so many points."""
    angle = np.linspace(0, 2 * np.pi, 2 * points, endpoint=False)
    reach = np.where(np.arange(2 * points) % 2, inner, 1.0) * radius
    return shapely.Polygon(np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=1))


def circle(radius: float, vertices: int) -> Any:
    """A regular polygon of many vertices."""
    angle = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    return shapely.Polygon(radius * np.stack([np.cos(angle), np.sin(angle)], axis=1))


class Pick(Protocol):
    """A source of choices: Hypothesis in the tests, a seeded generator elsewhere."""

    def real(self, low: float, high: float) -> float:
        """Pick a number between two others."""

    def whole(self, low: int, high: int) -> int:
        """Pick a whole number from `low` to `high`, both included."""

    def one_of(self, options: Sequence[T]) -> T:
        """Pick one of several."""


def random_park(pick: Pick) -> Park:
    """Draw a park: one zone or several, gates or none, water and pipelines or none."""
    size_m = 10.0 * 300.0 ** pick.real(0, 1)
    whole = _turned(_shape(pick, size_m), pick)
    zones = _zones(whole, size_m, pick)
    # Zones are production, logistics, and sometimes a green or services zone among others.
    uses = ["production", *(pick.one_of(["logistics", "green", "services"]) for _ in zones[1:])]
    water, pipelines = [], []
    for _ in range(pick.one_of([0, 0, 1, 2])):
        (water if pick.whole(0, 1) else pipelines).append(_barrier(whole, size_m, pick))
    gates = [_gate(whole, size_m, pick) for _ in range(pick.one_of([0, 1, 1, 2, 3]))]
    return park(zones, uses=uses, water=water, pipelines=pipelines, gates=gates)


def _shape(pick: Pick, size_m: float) -> Any:
    aspect = pick.real(0.05, 1)
    box = shapely.box(0, 0, size_m, aspect * size_m)
    makers: dict[str, Callable[[], Any]] = {
        "box": lambda: box,
        "trapezoid": lambda: shapely.Polygon(
            [
                (0, 0),
                (size_m, 0),
                (size_m * pick.real(0.4, 1.3), aspect * size_m),
                (size_m * pick.real(-0.3, 0.35), aspect * size_m),
            ]
        ),
        "ell": lambda: box.difference(
            shapely.box(
                pick.real(0.1, 0.9) * size_m, pick.real(0.1, 0.9) * aspect * size_m, 9e9, 9e9
            )
        ),
        "u": lambda: box.difference(
            shapely.box(0.3 * size_m, pick.real(0.1, 0.9) * aspect * size_m, 0.7 * size_m, 9e9)
        ),
        "comb": lambda: comb(size_m, aspect * size_m, pick.whole(2, 5)),
        "star": lambda: star(size_m / 2, pick.whole(3, 9), inner=pick.real(0.1, 0.9)),
        "ring": lambda: circle(size_m / 2, 48).difference(
            circle(size_m * pick.real(0.02, 0.45), 9)
        ),
        "blob": lambda: _blob(pick, size_m),
        "hull": lambda: _hull(pick, size_m),
        "holes": lambda: _holed(box, size_m, pick),
        "two": lambda: shapely.union_all(
            [box, shapely.affinity.translate(box, size_m * pick.real(1.01, 1.5), 0)]
        ),
        "sliver": lambda: shapely.box(0, 0, size_m, pick.real(0.001, 0.05) * size_m),
        "wedge": lambda: shapely.Polygon([(0, 0), (size_m, 0), (size_m, aspect * size_m)]),
    }
    return makers[pick.one_of(sorted(makers))]()


def _blob(pick: Pick, size_m: float) -> Any:
    corners = pick.whole(3, 14)
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    reach = np.array([pick.real(0.15, 1) for _ in range(corners)]) * size_m / 2
    return shapely.Polygon(np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=1))


def _hull(pick: Pick, size_m: float) -> Any:
    points = [(pick.real(0, size_m), pick.real(0, size_m)) for _ in range(pick.whole(4, 10))]
    hull = shapely.MultiPoint(points).convex_hull
    return hull if hull.area > 1e-3 * size_m**2 else shapely.box(0, 0, size_m, 0.5 * size_m)


def _holed(box: Any, size_m: float, pick: Pick) -> Any:
    _, _, width, height = box.bounds
    holes = [
        shapely.Point(pick.real(0.1, 0.9) * width, pick.real(0.1, 0.9) * height).buffer(
            pick.real(0.01, 0.3) * min(width, height), quad_segs=pick.whole(1, 8)
        )
        for _ in range(pick.whole(1, 4))
    ]
    return box.difference(shapely.union_all(holes))


def _turned(shape: Any, pick: Pick) -> Any:
    angle = pick.one_of([0.0, 0.0, 90.0, 45.0, pick.real(0, 180)])
    centre = shape.centroid
    turned = shapely.affinity.rotate(shape, angle, origin=centre)
    return shapely.affinity.translate(turned, -centre.x, -centre.y)


def _zones(whole: Any, size_m: float, pick: Pick) -> list[Any]:
    """The whole as one zone, or divided by one or two straight lines."""
    zones = [whole]
    for _ in range(pick.one_of([0, 0, 1, 1, 2])):
        angle, shift = pick.real(0, np.pi), pick.real(-0.3, 0.3) * size_m
        along = np.array([np.cos(angle), np.sin(angle)])
        across = np.array([-along[1], along[0]])
        near, far = shift * across, 4 * size_m
        half = shapely.Polygon(
            [near - far * along, near + far * along, near + far * (along + across),
             near + far * (across - along)]
        )  # fmt: skip
        zones = [
            side
            for zone in zones
            for side in (_polygonal(zone & half), _polygonal(zone - half))
            if side.area > max(1.0, 1e-4 * whole.area)
        ]
    return zones or [whole]


def _polygonal(shape: Any) -> Any:
    parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon" and p.area > 1e-3]
    return shapely.union_all(parts)


def _barrier(whole: Any, size_m: float, pick: Pick) -> Any:
    """A river, a pipeline or a pond somewhere on the land."""
    x_min, y_min, x_max, y_max = whole.bounds
    at = shapely.Point(pick.real(x_min, x_max), pick.real(y_min, y_max))
    if pick.whole(0, 3) == 0:
        return at.buffer(pick.real(0.01, 0.2) * size_m)
    angle = pick.real(0, np.pi)
    reach = 2 * size_m * np.array([np.cos(angle), np.sin(angle)])
    xy = np.array([at.x, at.y])
    return shapely.LineString([xy - reach, xy + reach]).buffer(pick.real(1, 30), cap_style="flat")


def _gate(whole: Any, size_m: float, pick: Pick) -> Any:
    """A road that ends on the edge, near it, or crosses it; or one far off."""
    edge = shapely.get_parts(shapely.boundary(whole))[0]
    at = edge.interpolate(pick.real(0, 1), normalized=True)
    inner = whole.representative_point()
    kind = pick.one_of(["edge", "edge", "near", "line", "inside", "far"])
    if kind == "near":
        return shapely.Point(at.x + pick.real(-5, 5), at.y + pick.real(-5, 5))
    if kind == "line":
        return shapely.LineString([(2 * at.x - inner.x, 2 * at.y - inner.y), (at.x, at.y)])
    if kind == "inside":
        return inner
    return shapely.Point(3 * size_m, 3 * size_m) if kind == "far" else at

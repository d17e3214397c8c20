"""Make the bundled park: ``python layers/astana/make_park2.py`` rewrites ``park2/``.

The outline and the applicants are generated. What is real is the frame: an industrial park
of 400 ha in Astana with 150 projects, 500 bn KZT and 8,000 jobs, as the press reports it.
Plot sizes follow a lognormal law per sector; intensities per hectare are assumptions.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from generating import (
    Points,
    feature,
    local_rings,
    served,
    write_layer,
    write_projects,
    zone_features,
    zone_table,
)
from park2_portfolio import expected_demand, make_projects
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

FOLDER = Path(__file__).parent / "park2"
PARK_M2 = 400 * 10_000.0
CENTRE_LOCAL_M = (1_150.0, 900.0)
CENTRE_UTM_M = (672_980.0, 5_677_150.0)
TURN_DEG = 11.0
CAPACITY_MARGIN = {"power_mw": 1.15, "water_m3d": 1.12, "wastewater_m3d": 1.12, "gas_m3h": 1.12}

# Corners in a local frame, in metres: letters run from west to east, digits from south to
# north. Zones share them, so the coverage stays valid through scaling, turning and rounding.
CORNERS: dict[str, tuple[float, float]] = {
    "a0": (60, 60), "b0": (193, 15), "c0": (985, -10), "d0": (1496, -5),
    "e0": (2085, 20), "f0": (2300, 215),
    "a1": (8, 575), "b1": (174, 545), "c1": (978, 510), "d1": (1489, 497), "e1": (2330, 492),
    "a2": (-22, 1240), "b2": (160, 1225), "c2": (970, 1216), "d2": (1481, 1203),
    "e2": (2306, 1140), "g2": (967, 1397), "h2": (1479, 1388),
    "a3": (50, 1795), "b3": (155, 1808), "c3": (963, 1790), "d3": (1474, 1745),
    "e3": (2060, 1715), "f3": (2268, 1530),
}  # fmt: skip

# zone_id: corners (counter-clockwise), use, name, hazard_max, available_year
ZONES: dict[str, tuple[str, str, str, int, int]] = {
    "P1": ("b2 c2 g2 c3 b3", "production", "Food quarter · Тағам кварталы", 4, 2026),
    "P2": ("b1 c1 c2 b2", "production", "West works · Батыс", 4, 2027),
    "P3": ("b0 c0 c1 b1", "production", "South-west works", 4, 2028),
    "P4": ("c1 d1 d2 c2", "production", "Central works · Орталық", 3, 2026),
    "P5": ("d2 e2 f3 e3 d3 h2", "production", "Siding works · Теміржол", 3, 2027),
    "P6": ("d0 e0 f0 e1 d1", "production", "Heavy works · Тяжёлое производство", 2, 2028),
    "L1": ("d1 e1 e2 d2", "logistics", "Logistics yard · Логистика орталығы", 4, 2026),
    "S1": ("g2 h2 d3 c3", "services", "Services core · Қызмет көрсету", 5, 2026),
    "U1": ("c0 d0 d1 c1", "utilities", "Utilities yard · Инженерная зона", 4, 2026),
    "G1": ("a1 b1 b2 b3 a3 a2", "green", "Lake belt · Көк белдеу", 5, 2026),
    "G2": ("c2 d2 h2 g2", "green", "Central park · Орталық саябақ", 5, 2027),
    "G3": ("a0 b0 b1 a1", "green", "South belt", 5, 2028),
}

SIDING = ("f0", "e1", "e2", "f3")
SIDING_REACH_M = 400.0

# utility_id: kind, the zones it serves (or the point where it stands), available_year
UTILITIES: dict[str, tuple[str, str | tuple[float, float], int]] = {
    "PW-W": ("power_mw", "P1 P2 P3", 2026),
    "PW-C": ("power_mw", "P4 U1 G2 S1", 2026),
    "PW-E": ("power_mw", "P5 P6 L1", 2026),
    "WA-N": ("water_m3d", "P1 P2 P4 G2 S1", 2026),
    "WA-S": ("water_m3d", "P3 U1 P6 L1 P5", 2026),
    "WW-1": ("wastewater_m3d", (1_380.0, 120.0), 2026),
    "GS-1": ("gas_m3h", (1_115.0, 95.0), 2026),
}

RINGS = local_rings(ZONES, CORNERS)


def place(local_m: Sequence[tuple[float, float]]) -> Points:
    """Scale the local frame to exactly 400 ha, turn it and set it down in WGS 84.

    Parameters
    ----------
    local_m : sequence of (float, float)
        Points in the local frame, in metres.

    Returns
    -------
    list of (float, float)
        Longitude and latitude with 9 decimals, that is to a tenth of a millimetre.
    """
    turn = np.radians(TURN_DEG)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    offset = np.asarray(local_m, dtype=float) - CENTRE_LOCAL_M
    utm = offset * np.sqrt(PARK_M2 / drawn_m2()) @ matrix + CENTRE_UTM_M
    to_wgs84 = Transformer.from_crs("EPSG:32642", "EPSG:4326", always_xy=True)
    lon, lat = to_wgs84.transform(utm[:, 0], utm[:, 1])
    return [(round(float(x), 9), round(float(y), 9)) for x, y in zip(lon, lat, strict=True)]


def make_zones() -> list[dict[str, object]]:
    """Make the twelve zones."""
    return zone_features(ZONES, placed(RINGS))


def placed(rings: Mapping[str, Points]) -> dict[str, Points]:
    """Turn rings of the local frame to longitude and latitude."""
    return {zone: place(ring) for zone, ring in rings.items()}


def ha_per_m2() -> float:
    """Return the hectares that a square metre of the local frame stands for."""
    return PARK_M2 / drawn_m2() / 10_000


def drawn_m2() -> float:
    """Return the area of all zones in the local frame, square metres."""
    return sum(shapely.Polygon(ring).area for ring in RINGS.values())


def make_exclusions() -> list[dict[str, object]]:
    """Make the lake in the green belt and the pipeline along the southern edge.

    The pipeline runs 8 m inside the edge, so that its 20 m corridor leaves no sliver outside it.
    """
    angle = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    reach = 1 + 0.06 * np.sin(3 * angle + 0.6) + 0.03 * np.cos(5 * angle)
    shore = np.column_stack([72 + 60 * reach * np.cos(angle), 1_230 + 320 * reach * np.sin(angle)])
    west, east = np.array(CORNERS["b0"]), np.array(CORNERS["c0"])
    along = (east - west) / np.hypot(*(east - west))
    inside = 8 * np.array([-along[1], along[0]])
    bends = [west + inside - 130 * along, east + inside + 130 * along]
    pipe = [(float(x), float(y)) for x, y in bends] + [(1_115.0, 95.0)]
    lake = shapely.Polygon(place([(float(x), float(y)) for x, y in shore]))
    return [
        feature(lake, exclusion_id="X1", kind="water", buffer_m=0),
        feature(shapely.LineString(place(pipe)), exclusion_id="X2", kind="pipeline", buffer_m=10),
    ]


def make_gates() -> list[dict[str, object]]:
    """Make two road gates where zone boundaries meet the outline, and the railway siding."""
    siding = shapely.LineString(place([CORNERS[corner] for corner in SIDING]))
    return [
        feature(shapely.Point(place([CORNERS["c3"]])), gate_id="N", kind="road", row_m=30),
        feature(shapely.Point(place([CORNERS["d0"]])), gate_id="S", kind="road", row_m=30),
        feature(siding, gate_id="R", kind="rail", row_m=15),
    ]


def make_receptors() -> list[dict[str, object]]:
    """Make two housing estates beyond the lake belt and a grove north of the park."""
    outlines = {
        ("H1", "housing"): [(-560, 860), (-230, 880), (-215, 1_430), (-520, 1_480)],
        ("H2", "housing"): [(-420, 1_620), (-170, 1_590), (-130, 2_010), (-390, 2_050)],
        ("R1", "recreation"): [(1_180, 2_440), (1_720, 2_400), (1_760, 2_610), (1_220, 2_680)],
    }
    return [
        feature(shapely.Polygon(place(outline)), receptor_id=receptor, kind=kind)
        for (receptor, kind), outline in outlines.items()
    ]


def make_utilities(demand_by_zone: pd.DataFrame) -> list[dict[str, object]]:
    """Make substations, water mains, the treatment plant and the gas station.

    Parameters
    ----------
    demand_by_zone : DataFrame
        Index ``zone_id``; what the portfolio is expected to draw there of each kind of utility.

    Returns
    -------
    list of dict
        A capacity is the demand expected where the utility serves, and the margin.
    """
    features, rings = [], placed(RINGS)
    for utility, (kind, serves, year) in UTILITIES.items():
        demand = demand_by_zone[kind]
        shape: BaseGeometry
        if isinstance(serves, str):
            expected = demand[demand.index.isin(serves.split())].sum()
            shape = served(serves.split(), rings)
        else:
            expected = demand.sum()
            shape = shapely.Point(place([serves]))
        digits = 1 if kind == "power_mw" else -1
        capacity = round(float(expected) * CAPACITY_MARGIN[kind], digits)
        features.append(
            feature(shape, utility_id=utility, kind=kind, capacity=capacity, available_year=year)
        )
    return features


def main(folder: Path = FOLDER) -> None:
    """Write the five layers and the portfolio into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    reach = shapely.LineString([CORNERS[corner] for corner in SIDING]).buffer(SIDING_REACH_M)
    uses = {"production", "logistics"}
    zones = zone_table(ZONES, RINGS, reach, uses=uses, ha_per_m2=ha_per_m2())
    projects = make_projects(zones)
    demand = expected_demand(projects, zones)
    write_layer(folder / "zones.geojson", make_zones())
    write_layer(folder / "exclusions.geojson", make_exclusions())
    write_layer(folder / "gates.geojson", make_gates())
    write_layer(folder / "receptors.geojson", make_receptors())
    write_layer(folder / "utilities.geojson", make_utilities(demand))
    write_projects(folder / "projects.csv", projects)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)

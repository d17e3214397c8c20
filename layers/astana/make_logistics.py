"""Make the logistics park: ``python layers/astana/make_logistics.py`` rewrites ``logistics/``.

Outline, siding and applicants are generated. What is real is the frame: a logistics park beside
Industrial Park No.2 with more than 100 projects for 150 to 200 bn KZT, as the press reports it.
Its area is not published; 120 ha of plots are assumed. It shares the southern edge of the
industrial park, whose railway it carries on.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from generating import (
    feature,
    local_rings,
    served,
    write_layer,
    write_projects,
    zone_features,
    zone_table,
)
from logistics_portfolio import DEMANDS, make_projects
from make_park2 import CORNERS as PARK2_CORNERS
from make_park2 import ha_per_m2, place, placed

FOLDER = Path(__file__).parent / "logistics"
CAPACITY_MARGIN = 1.2
SIDING_ROW_M = 20.0
SIDING_REACH_M = 350.0

# Corners in the industrial park's local frame, in metres; d0, e0 and f0 are its own.
CORNERS: dict[str, tuple[float, float]] = {
    **{name: PARK2_CORNERS[name] for name in ("d0", "e0", "f0")},
    "w1": (1_500, -480), "m1": (1_885, -472), "k1": (2_183, -465), "n1": (2_550, -458),
    "x1": (2_905, -450),
    "w2": (1_505, -1_050), "m2": (1_888, -1_046), "k2": (2_180, -1_042), "n2": (2_545, -1_038),
    "x2": (2_890, -1_034),
    "w3": (1_508, -1_235), "s3": (1_790, -1_230), "u3": (2_180, -1_222), "x3": (2_880, -1_205),
    "s2": (1_790, -1_047), "k0": (2_283, 60), "j0": (2_210, -130), "j1": (2_183, -200),
    "p0": (2_560, -122), "n0": (2_570, 222),
    "x0": (2_920, 230), "g0": (2_985, 232), "g1": (2_972, -450), "g3": (2_945, -1_203),
}  # fmt: skip

# zone_id: corners (counter-clockwise), use, name, hazard_max, available_year
ZONES: dict[str, tuple[str, str, str, int, int]] = {
    "LP-A": ("w1 m1 e0 d0", "logistics", "Fulfilment quarter · Фулфилмент", 4, 2026),
    "LP-B": ("m1 k1 j1 j0 k0 f0 e0", "logistics", "Rail warehouses · Теміржол қоймалары", 4, 2026),
    "LP-C": ("j0 p0 n0 f0 k0", "logistics", "North container yard", 3, 2026),
    "LP-I": ("k1 n1 p0 j0 j1", "logistics", "Container yard · Контейнерный двор", 3, 2026),
    "LP-D": ("n1 x1 x0 n0 p0", "logistics", "Truck service · Жүк көліктері", 3, 2027),
    "LP-E": ("w2 s2 m2 m1 w1", "logistics", "Cold quarter · Суық қоймалар", 4, 2027),
    "LP-F": ("m2 k2 k1 m1", "logistics", "South rail warehouses", 4, 2027),
    "LP-G": ("k2 n2 n1 k1", "logistics", "South container yard", 3, 2026),
    "LP-H": ("n2 x2 x1 n1", "logistics", "Vehicle park · Стоянка", 3, 2028),
    "LP-S": ("w3 s3 s2 w2", "services", "Customs and services · Кеден", 5, 2026),
    "LP-U": ("s3 u3 k2 m2 s2", "utilities", "Utilities yard · Инженерная зона", 5, 2026),
    "LP-G1": ("u3 x3 x2 n2 k2", "green", "South belt · Оңтүстік белдеу", 5, 2027),
    "LP-G2": ("x3 g3 g1 g0 x0 x1 x2", "green", "East belt · Шығыс белдеу", 5, 2027),
}

RINGS = local_rings(ZONES, CORNERS)

SIDING = ((2_300, 215), (2_283, 60), (2_183, -200), (2_183, -465), (2_180, -1_020))
ROAD_GATES = {"LW": "w1", "LE": "x1", "LS": "w2"}

# utility_id: kind, the zones that it serves, available_year
UTILITIES: dict[str, tuple[str, str, int]] = {
    "LPW-W": ("power_mw", "LP-A LP-B LP-E LP-F LP-S LP-U", 2026),
    "LPW-E": ("power_mw", "LP-C LP-D LP-G LP-H LP-I", 2026),
    "LWA": ("water_m3d", " ".join(ZONES), 2026),
    "LWW": ("wastewater_m3d", " ".join(ZONES), 2026),
    "LGS": ("gas_m3h", " ".join(ZONES), 2026),
}


def make_zones() -> list[dict[str, object]]:
    """Make the thirteen zones."""
    return zone_features(ZONES, placed(RINGS))


def make_gates() -> list[dict[str, object]]:
    """Make road gates where zone boundaries meet the outline, and the end of the railway."""
    roads = [
        feature(shapely.Point(place([CORNERS[corner]])), gate_id=gate, kind="road", row_m=30)
        for gate, corner in ROAD_GATES.items()
    ]
    railway = shapely.Point(place([SIDING[0]]))
    return [*roads, feature(railway, gate_id="LR", kind="rail", row_m=15)]


def make_sidings() -> list[dict[str, object]]:
    """Make the rough centreline of the siding, which begins where the park's railway ends."""
    line = shapely.LineString(place(SIDING))
    return [feature(line, siding_id="LP-R1", row_m=SIDING_ROW_M, gate_id="LR", crossable=False)]


def make_receptors() -> list[dict[str, object]]:
    """Make a summer settlement south of the park."""
    outline = [(1_700, -1_760), (2_260, -1_740), (2_250, -1_560), (1_710, -1_590)]
    settlement = shapely.Polygon(place(outline))
    return [feature(settlement, receptor_id="LH1", kind="housing")]


def make_utilities(projects: pd.DataFrame, zones: pd.DataFrame) -> list[dict[str, object]]:
    """Make sources that serve parts of the park, each with its share of all demand and a margin.

    Parameters
    ----------
    projects, zones : DataFrame
        The portfolio, and the plotted zones with ``area_ha``.
    """
    features, rings = [], placed(RINGS)
    for utility, (kind, serves, year) in UTILITIES.items():
        named = serves.split()
        share = zones["area_ha"][zones.index.isin(named)].sum() / zones["area_ha"].sum()
        capacity = round(float(projects[kind].sum() * share) * CAPACITY_MARGIN, 1)
        shape = served(named, rings)
        features.append(
            feature(shape, utility_id=utility, kind=kind, capacity=capacity, available_year=year)
        )
    return features


def main(folder: Path = FOLDER) -> None:
    """Write the five layers and the portfolio into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    reach = shapely.LineString(SIDING).buffer(SIDING_REACH_M)
    zones = zone_table(ZONES, RINGS, reach, uses={"logistics"}, ha_per_m2=ha_per_m2())
    projects = make_projects(zones)
    if not np.isfinite(projects[list(DEMANDS)].to_numpy()).all():
        raise ValueError("a demand is no number")
    write_layer(folder / "zones.geojson", make_zones())
    write_layer(folder / "gates.geojson", make_gates())
    write_layer(folder / "sidings.geojson", make_sidings())
    write_layer(folder / "receptors.geojson", make_receptors())
    write_layer(folder / "utilities.geojson", make_utilities(projects, zones))
    write_projects(folder / "projects.csv", projects)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)

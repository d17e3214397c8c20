"""Make the bundled programme: ``python layers/kazakhstan/make_programme.py``.

Regions, their centres and the totals (700 projects, 32 trn KZT) are those of the press and of
the map; parks, outlines, applicants and capacities are generated. ``--parks 300 --projects 10000
--out FOLDER`` makes a programme to measure with.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from programme_portfolio import make_projects
from pyproj import Transformer

HERE = Path(__file__).parent
SEED = 2029
PORTFOLIO_BN_KZT = 32_000.0
OWN_PARK = "../astana/park2.toml"
DIGITS = 7

# Region: its centre's latitude and longitude, rounded; and how much of the portfolio it draws.
REGIONS: dict[str, tuple[float, float, float]] = {
    "Astana": (51.17, 71.45, 2.2),
    "Almaty": (43.24, 76.89, 1.6),
    "Shymkent": (42.32, 69.59, 1.4),
    "Abai": (50.41, 80.23, 0.7),
    "Akmola": (53.28, 69.39, 0.9),
    "Aktobe": (50.28, 57.17, 1.0),
    "Almaty region": (43.88, 77.06, 2.0),
    "Atyrau": (47.10, 51.92, 1.1),
    "East Kazakhstan": (49.95, 82.61, 0.9),
    "Jambyl": (42.90, 71.37, 0.8),
    "Jetisu": (45.02, 78.37, 0.7),
    "Karaganda": (49.80, 73.10, 1.6),
    "Kostanay": (53.21, 63.62, 1.0),
    "Kyzylorda": (44.85, 65.51, 0.6),
    "Mangystau": (43.65, 51.17, 0.8),
    "North Kazakhstan": (54.87, 69.15, 0.6),
    "Pavlodar": (52.29, 76.95, 1.1),
    "Turkistan": (43.30, 68.25, 1.1),
    "Ulytau": (47.80, 67.71, 0.5),
    "West Kazakhstan": (51.23, 51.37, 0.7),
}
HOT = {"Astana": 0.4, "Almaty region": 0.36, "Almaty": 0.4, "Karaganda": 0.45, "Atyrau": 0.45}
"""Regions whose grids are short, and the share of their parks' demand that power covers."""
AMPLE = 1.5
"""What parks have elsewhere, as a multiple of the demand expected there."""
PARK_HA = (40.0, 500.0)
GRIDS = ((3, 1), (2, 2), (5, 1), (3, 2), (4, 2))
USES = (
    "production",
    "logistics",
    "production",
    "production",
    "services",
    "production",
    "green",
    "utilities",
)
HAZARD_MAX = {"production": (2, 3, 3), "logistics": (4,)}
UTILITY_LETTERS = {"power_mw": "PW", "water_m3d": "WA", "wastewater_m3d": "WW", "gas_m3h": "GS"}
KINDS = tuple(UTILITY_LETTERS)
SITE_MARGIN_M = 60.0


@dataclass(frozen=True)
class Drawn:
    """A park as drawn: its row in the table, and its records in WGS 84 by layer."""

    row: dict[str, object]
    layers: dict[str, list[tuple[dict[str, object], shapely.Geometry]]]
    plotted_ha: float


def shared_out(parks: int) -> list[str]:
    """Region of each park: one each, then by weight, region by region."""
    names = list(REGIONS)
    weight = np.array([REGIONS[name][2] for name in names])
    count = np.zeros(len(names), dtype=int)
    for _ in range(parks):
        count[np.argmax(weight / (count + 1) + (count == 0) * 100)] += 1
    return [name for name, many in zip(names, count, strict=True) for _ in range(many)]


def utm_of(lon: float) -> str:
    """EPSG code of the UTM zone, WGS 84 north.

    >>> utm_of(71.45)
    'EPSG:32642'
    """
    return f"EPSG:326{int((lon + 180) // 6) + 1:02d}"


def draw_park(number: int, region: str, random: np.random.Generator, *, first: bool) -> Drawn:
    """Draw one park near its region's centre: a turned grid of zones that share their corners.

    A region's first park is ready at once and has a railway.
    """
    lat, lon, _ = REGIONS[region]
    bearing, far_m = random.uniform(0, 2 * np.pi), random.uniform(6_000, 45_000)
    lat = round(lat + far_m * np.cos(bearing) / 111_200, 5)
    lon = round(lon + far_m * np.sin(bearing) / (111_200 * np.cos(np.radians(lat))), 5)
    crs = utm_of(lon)
    area_m2 = float(np.clip(random.lognormal(np.log(190), 0.5), *PARK_HA)) * 10_000
    across, down = GRIDS[int(np.searchsorted((60, 110, 170, 280), area_m2 / 10_000))]
    corners = _corners(area_m2, across, down, random)
    turn = random.uniform(-0.6, 0.6)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    there = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    back = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    centre = np.array(there.transform(lon, lat))

    def placed(points: np.ndarray) -> list[tuple[float, float]]:
        east, north = (np.asarray(points, dtype=float) @ matrix + centre).T
        degrees = zip(*back.transform(east, north), strict=True)
        return [(round(float(x), DIGITS), round(float(y), DIGITS)) for x, y in degrees]

    park_id = f"KZ-{number:03d}"
    year = 2026 if first else int(random.choice([2026, 2027, 2028], p=[0.72, 0.18, 0.10]))
    zones, plotted_ha = _zones(park_id, corners, year, placed, random)
    row = {
        "park_id": park_id,
        "name": f"{region} Industrial Park {number} (generated)",
        "region": region,
        "crs": crs,
        "lon": lon,
        "lat": lat,
        "available_year": year,
        "scenario": "",
    }
    layers = {"zones": zones, **_edges(park_id, corners, placed, random, rail=first)}
    return Drawn(row, layers, plotted_ha)


def _corners(area_m2: float, across: int, down: int, random: np.random.Generator) -> np.ndarray:
    """Grid of corners, shape (down + 1, across + 1, 2), m: jittered, of the given area."""
    wide = np.sqrt(area_m2 * across / down / random.uniform(1.0, 1.5))
    wide, high = wide, area_m2 / wide
    x = np.linspace(-wide / 2, wide / 2, across + 1)
    y = np.linspace(-high / 2, high / 2, down + 1)
    grid = np.stack(np.meshgrid(x, y), axis=-1)
    step = np.array([wide / across, high / down])
    return grid + random.uniform(-0.06, 0.06, grid.shape) * step


def _zones(park_id, corners, year, placed, random):
    records, plotted_ha = [], 0.0
    down, across = corners.shape[0] - 1, corners.shape[1] - 1
    for number in range(down * across):
        row, column = divmod(number, across)
        ring = [(row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column)]
        points = np.array([corners[at] for at in ring])
        use = USES[number]
        hazard_max = int(random.choice(HAZARD_MAX.get(use, (5,))))
        # Later than the park as a whole: its third zones and what follows.
        ready = year + int(number > 2 and random.uniform() < 0.4)
        record = {
            "park_id": park_id,
            "zone_id": f"{park_id}-{use[0].upper()}{number + 1}",
            "use": use,
            "hazard_max": hazard_max,
            "available_year": ready,
        }
        records.append((record, shapely.Polygon(placed(points))))
        if use in HAZARD_MAX:
            plotted_ha += shapely.Polygon(points).area / 10_000
    return records, plotted_ha


def _edges(park_id, corners, placed, random, *, rail):
    """Draw a gate on the northern edge, a siding on the southern, a pond, housing beyond."""
    south, north = corners[0], corners[-1]
    road = (north[0] + north[1]) / 2
    layers: dict[str, list] = {"gates": [], "exclusions": [], "receptors": []}
    gate = {"park_id": park_id, "gate_id": f"{park_id}-G1", "kind": "road"}
    layers["gates"].append((gate, shapely.Point(placed(road[None])[0])))
    if rail or random.uniform() < 0.5:
        gate = {"park_id": park_id, "gate_id": f"{park_id}-R1", "kind": "rail"}
        layers["gates"].append((gate, shapely.LineString(placed(south))))
    if random.uniform() < 0.4:
        middle = corners[0][-2] * 0.5 + corners[1][-2] * 0.5
        record = {
            "park_id": park_id,
            "exclusion_id": f"{park_id}-E1",
            "kind": "pond",
            "buffer_m": 8,
        }
        layers["exclusions"].append((record, shapely.Point(placed(middle[None])[0])))
    away = np.array([south[:, 0].min() - random.uniform(450, 1_600), 0.0])
    receptor = {"park_id": park_id, "receptor_id": f"{park_id}-H1", "kind": "housing"}
    layers["receptors"].append((receptor, shapely.Point(placed(away[None])[0])))
    return layers


def utilities_of(
    drawn: list[Drawn], projects: pd.DataFrame, random: np.random.Generator
) -> list[tuple[dict[str, object], shapely.Geometry]]:
    """Give each park utilities by the demand that its region may expect; hot ones lack power."""
    region = np.array([each.row["region"] for each in drawn])
    land = np.array([each.plotted_ha for each in drawn])
    named = projects["regions"].fillna("").str.split(";")
    share = {kind: dict.fromkeys(REGIONS, 0.0) for kind in KINDS}
    weight = {name: land[region == name].sum() for name in REGIONS}
    for those, *needs in zip(named, *(projects[kind] for kind in KINDS), strict=True):
        where = [name for name in (those if those != [""] else REGIONS) if weight[name] > 0]
        total = sum(weight[name] for name in where)
        for kind, need in zip(KINDS, needs, strict=True):
            for name in where:
                share[kind][name] += need * weight[name] / total
    records = []
    for each, own_ha in zip(drawn, land, strict=True):
        name = str(each.row["region"])
        for kind in KINDS:
            factor = HOT.get(name, AMPLE) if kind == "power_mw" else AMPLE
            expected = share[kind][name] * own_ha / weight[name] * factor
            capacity = max(expected * random.uniform(0.97, 1.03), 1.0)
            record = {
                "park_id": each.row["park_id"],
                "utility_id": f"{each.row['park_id']}-{UTILITY_LETTERS[kind]}",
                "kind": kind,
                "capacity": round(capacity, 1),
            }
            place = each.layers["gates"][0][1]
            records.append((record, place))
    return records


def write(out: Path, parks: int, projects: int, seed: int, *, own: bool) -> None:
    """Write all files of a programme into a folder."""
    random = np.random.default_rng(seed)
    regions = shared_out(parks)
    drawn = [
        draw_park(number, name, random, first=name not in regions[: number - 1])
        for number, name in enumerate(regions, start=1)
    ]
    portfolio = make_projects(
        projects,
        {name: REGIONS[name][2] for name in dict.fromkeys(regions)},
        PORTFOLIO_BN_KZT,
        random,
    )
    layers = {name: [] for name in ("zones", "exclusions", "gates", "receptors")}
    for each in drawn:
        for name, records in each.layers.items():
            layers[name] += records
    layers["utilities"] = utilities_of(drawn, portfolio, random)
    out.mkdir(parents=True, exist_ok=True)
    table = pd.DataFrame([each.row for each in drawn])
    if own:
        row = {"park_id": "KZ-AST-2", "name": "Astana Industrial Park No.2", "region": "Astana"}
        row |= {"crs": "", "lon": 71.47505, "lat": 51.22364, "available_year": "", "scenario": own}
        table = pd.concat([table, pd.DataFrame([row])], ignore_index=True)
    table.to_csv(out / "parks.csv", index=False, lineterminator="\n")
    portfolio.to_csv(out / "projects.csv", index=False, lineterminator="\n")
    for name, records in layers.items():
        _write_layer(out / f"{name}.geojson", records)


def _write_layer(path: Path, records: list[tuple[dict[str, object], shapely.Geometry]]) -> None:
    """One record a line, so that a change shows as one."""
    lines = [
        json.dumps(
            {"type": "Feature", "properties": record, "geometry": shapely.geometry.mapping(shape)},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for record, shape in records
    ]
    body = ",\n".join(lines)
    path.write_text(f'{{"type":"FeatureCollection","features":[\n{body}\n]}}\n', encoding="utf-8")


TEXT = (HERE / "programme.toml").read_text(encoding="utf-8") if __name__ == "__main__" else ""


def main() -> None:
    """Read the arguments and write the files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parks", type=int, default=30)
    parser.add_argument("--projects", type=int, default=700)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, help="folder; default: that of the bundled programme")
    asked = parser.parse_args()
    write(asked.out or HERE / "programme", asked.parks, asked.projects, asked.seed, own=False)
    if asked.out is not None:
        text = TEXT.replace('"programme/', '"').replace("Kazakhstan", f"{asked.parks} parks")
        (asked.out / "programme.toml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

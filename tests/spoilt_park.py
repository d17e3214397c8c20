"""Ways to spoil the files of the small park, as a user might."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import geopandas as gpd
import shapely

from .small_park import CRS, SOUTH_M, WEST_M, box, write_layer, zones

PLAN = ("plan", "park.toml", "--out", "out/plan", "-q")


@dataclass(frozen=True)
class Misuse:
    """What a user gets wrong, and what the message must say about it."""

    name: str
    spoil: Callable[[Path], object]
    says: tuple[str, ...]
    arguments: tuple[str, ...] = PLAN


def replace(name: str, old: str, new: str) -> Callable[[Path], object]:
    """Return what replaces text in one of the park's files."""

    def spoil(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return spoil


def add(name: str, text: str) -> Callable[[Path], object]:
    """Return what adds text to the end of one of the park's files."""

    def spoil(folder: Path) -> None:
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(text)

    return spoil


def as_it_is(folder: Path) -> None:
    """Leave the files alone: the command itself is at fault."""


def header_alone(folder: Path) -> None:
    projects = folder / "projects.csv"
    projects.write_text(projects.read_text(encoding="utf-8").splitlines()[0] + "\n")


def locked_project(folder: Path) -> None:
    header, first, *others = (folder / "projects.csv").read_text(encoding="utf-8").splitlines()
    lines = [f"{header},plot_id", f"{first},P-1", *(f"{other}," for other in others)]
    (folder / "projects.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def linked(near: tuple[str, ...], apart: tuple[str, ...]) -> Callable[[Path], object]:
    """Return what lets projects name others, row by row from the first one on."""

    def spoil(folder: Path) -> None:
        header, *rows = (folder / "projects.csv").read_text(encoding="utf-8").splitlines()
        rows = [
            f"{row},{one},{other}"
            for row, one, other in zip_longest(rows, near, apart, fillvalue="")
        ]
        text = "\n".join([f"{header},near,apart", *rows])
        (folder / "projects.csv").write_text(text + "\n", encoding="utf-8")

    return spoil


NUMBERS = (
    *("area_ha", "area_min_ha", "area_max_ha", "frontage_min_m", "invest_bn_kzt", "jobs"),
    *("power_mw", "water_m3d", "wastewater_m3d", "gas_m3h", "heat_gcalh", "hazard_class"),
    *("start_year", "priority"),
)
WHOLE = ("jobs", "hazard_class", "start_year")


def numbers(cell: str) -> Callable[[Path], object]:
    """Return what writes the same into every column of numbers, one project for each column."""

    def spoil(folder: Path) -> None:
        plain = dict.fromkeys(NUMBERS, "") | {"area_ha": "1"}
        rows = [",".join((plain | {name: cell}).values()) for name in NUMBERS]
        lines = [f"N-{index},{row}" for index, row in enumerate(rows)]
        text = "\n".join([",".join(("project_id", *NUMBERS)), *lines])
        (folder / "projects.csv").write_text(text + "\n", encoding="utf-8")

    return spoil


def endless_list(folder: Path) -> None:
    rows = "\n".join(f"X-{number},1" for number in range(100_001))
    (folder / "projects.csv").write_text(f"project_id,area_ha\n{rows}\n", encoding="utf-8")


def given_plots(*projects: str) -> Callable[[Path], object]:
    """Return what gives six plots of 1 ha beside a street, and a portfolio with locks."""

    def spoil(folder: Path) -> None:
        shapes = [
            box(100 * column, 120 * row, 100 * column + 100, 120 * row + 100)
            for row in (0, 1)
            for column in (0, 1, 2)
        ]
        ids = {"plot_id": ["S-1", "S-2", "S-3", "N-1", "N-2", "N-3"]}
        write_layer(gpd.GeoDataFrame(ids, geometry=shapes, crs=CRS), folder / "plots.geojson")
        line = shapely.LineString([(WEST_M, SOUTH_M + 110), (WEST_M + 500, SOUTH_M + 110)])
        road = {"road_id": ["R"], "class": ["local"]}
        write_layer(gpd.GeoDataFrame(road, geometry=[line], crs=CRS), folder / "roads.geojson")
        replace(
            "park.toml",
            'gates = "gates.geojson"',
            'roads = "roads.geojson"\nplots = "plots.geojson"',
        )(folder)
        add("park.toml", 'mode = "given"\n')(folder)
        (folder / "utilities.csv").write_text("utility_id,kind,capacity\nPW,power_mw,5\n")
        header = "project_id,area_ha,area_min_ha,area_max_ha,invest_bn_kzt,use,power_mw,plot_id"
        (folder / "projects.csv").write_text("\n".join([header, *projects]) + "\n")

    return spoil


def overlapping_zones(folder: Path) -> None:
    frame = zones()
    frame.loc[1, "geometry"] = box(450, 0, 900, 400)
    write_layer(frame, folder / "zones.geojson")


def repeated_zones(folder: Path) -> None:
    write_layer(zones().assign(zone_id="P"), folder / "zones.geojson")


def many_faults_of_one_layer(folder: Path) -> None:
    frame = zones().assign(use=["production", "heavy"], available_year=[26, 2027])
    frame.loc[1, "geometry"] = box(450, 0, 900, 400)
    write_layer(frame, folder / "zones.geojson")


def foreign_folder(folder: Path) -> None:
    (folder / "out" / "plan").mkdir(parents=True)
    (folder / "out" / "plan" / "thesis.docx").write_text("years of work")

"""The command run on the bundled park, and its files read by means that are not geoplan's."""

from __future__ import annotations

import json
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio

from ..small_park import geoplan

ROOT = Path(__file__).parents[2]
SCENARIO = ROOT / "layers" / "astana" / "park2.toml"
NORMS = tomllib.loads((ROOT / "geoplan" / "norms" / "kz-industrial.toml").read_text("utf-8"))
UTILITIES = ("power_mw", "water_m3d", "wastewater_m3d", "gas_m3h")
FILES = {
    "allocation.csv",
    "manifest.json",
    "map.html",
    "plan.gpkg",
    "register.xlsx",
    "report.html",
}


@dataclass(frozen=True)
class Planned:
    """What the command wrote and said."""

    folder: Path
    ended: subprocess.CompletedProcess[str]

    def layer(self, name: str) -> gpd.GeoDataFrame:
        """Read a layer or table of the GeoPackage."""
        return pyogrio.read_dataframe(self.folder / "plan.gpkg", layer=name)

    @property
    def manifest(self) -> dict[str, Any]:
        """The manifest, read anew."""
        return json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))


def run_command(folder: Path) -> Planned:
    ended = geoplan("plan", SCENARIO, "--out", folder, "--json", folder=ROOT)
    assert ended.stdout, ended.stderr
    return Planned(folder, ended)

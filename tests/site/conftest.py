"""A park of two blocks, 200 m x 100 m each, written into a folder of the test's own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from geoplan.config import Scenario
from geoplan.errors import GeoplanError, Problem
from geoplan.site import Finding, Site, read_site

CRS = "EPSG:32642"
EAST, NORTH = 670_000.0, 5_676_000.0  # inside Astana


def block(x: float, y: float, width: float = 200.0, height: float = 100.0) -> shapely.Polygon:
    """A rectangle with its lower left corner `x`, `y` metres from the park's."""
    return shapely.box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + height)


def at(*corners: tuple[float, float]) -> list[tuple[float, float]]:
    """Coordinates in the working CRS of corners given from the park's."""
    return [(EAST + x, NORTH + y) for x, y in corners]


def frame(geometry: list[Any], crs: str | None = CRS, **columns: list[Any]) -> gpd.GeoDataFrame:
    """A layer from columns."""
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=crs)


def plots(**columns: list[Any]) -> gpd.GeoDataFrame:
    """Two cadastre plots of half a hectare each; `columns` replace or add to theirs."""
    default: dict[str, list[Any]] = {"plot_id": ["A-1", "A-2"]}
    return frame([block(0, 0, 100, 50), block(100, 0, 100, 50)], **(default | columns))


def zones(**columns: list[Any]) -> gpd.GeoDataFrame:
    """Two adjacent zones; `columns` replace or add to theirs."""
    default: dict[str, list[Any]] = {"zone_id": ["A", "B"], "use": ["production", "logistics"]}
    return frame([block(0, 0), block(200, 0)], **(default | columns))


@dataclass
class Park:
    """A scenario whose inputs a test writes one by one."""

    folder: Path
    site: dict[str, Any] = field(default_factory=lambda: {"crs": CRS})
    portfolio: str | list[str] | None = None
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    mode: str = "to-measure"

    def layer(self, name: str, layer: gpd.GeoDataFrame, suffix: str = ".gpkg") -> Path:
        """Write a layer and name it in the scenario."""
        path = self.folder / f"{name}{suffix}"
        options = {"RFC7946": "YES"} if suffix == ".geojson" else {}
        layer.to_file(path, engine="pyogrio", **options)
        self.site[name] = path.name
        return path

    def features(self, name: str, *features: Mapping[str, Any]) -> None:
        """Write a GeoJSON layer from (properties, geometry) as plain text."""
        content = {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "properties": f["properties"], "geometry": f["geometry"]}
                for f in features
            ],
        }
        (self.folder / f"{name}.geojson").write_text(json.dumps(content), encoding="utf-8")
        self.site[name] = f"{name}.geojson"

    def projects(self, text: str, name: str = "projects.csv", encoding: str = "utf-8") -> Path:
        """Write a portfolio as text."""
        path = self.folder / name
        path.write_bytes(text.encode(encoding))
        self.portfolio = name
        return path

    @property
    def scenario(self) -> Scenario:
        """The scenario as it stands; zones are written where the test has not."""
        if "zones" not in self.site:
            self.layer("zones", zones())
        portfolio = {"projects": self.portfolio} if self.portfolio else None
        return Scenario.model_validate(
            {
                "site": self.site,
                "portfolio": portfolio,
                "columns": self.columns,
                "subdivide": {"mode": self.mode},
                "folder": self.folder,
            }
        )

    def read(self) -> Site:
        """Read the site."""
        return read_site(self.scenario)

    def problems(self) -> list[Problem]:
        """Read the site, which must fail, and return what is wrong."""
        with pytest.raises(GeoplanError) as refused:
            read_site(self.scenario)
        return list(refused.value.problems)

    def problem(self) -> Problem:
        """Return the one problem."""
        problems = self.problems()
        assert len(problems) == 1, problems
        return problems[0]


def only(findings: tuple[Finding, ...], rule: str) -> Finding:
    """Return the one finding of a rule."""
    (finding,) = [f for f in findings if f.rule == rule]
    return finding


@pytest.fixture
def park(tmp_path: Path) -> Park:
    return Park(tmp_path)

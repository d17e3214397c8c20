"""One plan of the bundled park for all tests of it."""

from __future__ import annotations

import csv

import geopandas as gpd
import pandas as pd
import pytest

from .planned import SCENARIO, Planned, run_command


@pytest.fixture(scope="session")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Planned:
    return run_command(tmp_path_factory.mktemp("bundled") / "park2")


@pytest.fixture(scope="session")
def plots(planned: Planned) -> gpd.GeoDataFrame:
    return planned.layer("plots")


@pytest.fixture(scope="session")
def land(planned: Planned) -> gpd.GeoDataFrame:
    return planned.layer("land")


@pytest.fixture(scope="session")
def zones(planned: Planned) -> gpd.GeoDataFrame:
    return planned.layer("zones")


@pytest.fixture(scope="session")
def given() -> pd.DataFrame:
    """Return the portfolio as the planner wrote it, by project."""
    return pd.read_csv(SCENARIO.parent / "park2" / "projects.csv").set_index("project_id")


@pytest.fixture(scope="session")
def placed(plots: gpd.GeoDataFrame, given: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return plots with a project and what that project asked for."""
    held = plots[plots["project_id"].notna()]
    return held.merge(given.reset_index(), on="project_id", suffixes=("", "_asked"))


@pytest.fixture(scope="session")
def rows(planned: Planned) -> list[dict[str, str]]:
    """Return the allocation as a spreadsheet would read it."""
    with (planned.folder / "allocation.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def road_gates(planned: Planned) -> gpd.GeoDataFrame:
    gates = planned.layer("gates")
    return gates[gates["kind"] == "road"]

"""Make the bundled park's years: ``python layers/astana/make_park2_years.py`` writes them.

The park is that of ``make_park2.py``. What is added is generated and schematic: fourteen
infrastructure projects of 2026-2029 with costs and dependencies, utilities that begin small and
grow with them, and for each applicant a window of years, years of building and the day since when
it has its status.
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

PARK = Path(__file__).parent / "park2"
FOLDER = Path(__file__).parent / "park2_years"
SEED = 2026
AS_OF = date(2026, 11, 1)
SETTLED = {"contract", "construction", "operation"}
WISHES_EARLIER_SHARE = 0.55
"""Applicants who would start a year earlier than their portfolio's date."""
SINCE_DAYS = {
    "application": (5, 120),
    "review": (10, 130),
    "reservation": (20, 230),
    "contract": (30, 420),
    "construction": (60, 1_000),
    "operation": (100, 900),
}
"""Since how many days an applicant has its status: least and most."""

# id: name, serves, utility, capacity in the unit of its kind, year, cost in bn KZT, depends on
INFRASTRUCTURE: tuple[tuple[str, str, str, str, float | None, int, float, str], ...] = (
    ("INF-01", "110 kV line (generated)", "", "", None, 2026, 6.2, ""),
    ("INF-02", "West substation, second transformer (generated)", "", "PW-W", 33.0, 2027, 4.1,
     "INF-01"),
    ("INF-03", "Central switching station (generated)", "", "PW-C", 9.0, 2027, 1.6, "INF-01"),
    ("INF-04", "East substation, second transformer (generated)", "", "PW-E", 24.0, 2028, 4.4,
     "INF-01;INF-03"),
    ("INF-05", "Water main, second string (generated)", "", "WA-N", 2_900.0, 2027, 3.3, ""),
    ("INF-06", "South pumping station (generated)", "", "WA-S", 2_300.0, 2028, 2.7, "INF-05"),
    ("INF-07", "Treatment works, second line (generated)", "", "WW-1", 3_600.0, 2028, 7.8, ""),
    ("INF-08", "Gas distribution point (generated)", "", "GS-1", 8_600.0, 2027, 2.2, "INF-01"),
    ("INF-09", "West works: streets and drains (generated)", "P2", "", None, 2027, 5.0, ""),
    ("INF-10", "South-west works: streets and drains (generated)", "P3", "", None, 2027, 4.6,
     "INF-09;INF-06"),
    ("INF-11", "Siding and yard of the railway (generated)", "P5;L1", "", None, 2027, 9.5, ""),
    ("INF-12", "Heavy works: levelling and streets (generated)", "P6", "", None, 2028, 6.4,
     "INF-04;INF-11"),
    ("INF-13", "Central park and drainage pond (generated)", "G2", "", None, 2029, 1.2, "INF-07"),
    ("INF-14", "Food quarter: streets and drains (generated)", "P1", "", None, 2026, 3.9, ""),
)  # fmt: skip
COLUMNS = (
    "infrastructure_id", "name", "serves", "utility_id", "capacity", "year", "cost_bn_kzt",
    "depends_on",
)  # fmt: skip


def make_infrastructure() -> pd.DataFrame:
    """Tabulate the infrastructure projects."""
    return pd.DataFrame(INFRASTRUCTURE, columns=list(COLUMNS))


def make_utilities(infrastructure: pd.DataFrame) -> gpd.GeoDataFrame:
    """Take the park's utilities without what infrastructure is to add to them."""
    utilities = gpd.read_file(PARK / "utilities.geojson")
    added = infrastructure.groupby("utility_id")["capacity"].sum()
    grows = utilities["utility_id"].map(added).fillna(0.0)
    return utilities.assign(capacity=(utilities["capacity"] - grows).round(1))


def make_projects() -> pd.DataFrame:
    """Give each applicant a window of years, years of building, and the day of its status."""
    rng = np.random.default_rng(SEED)
    projects = pd.read_csv(PARK / "projects.csv", dtype={"project_id": "str"})
    settled = projects["status"].isin(SETTLED).to_numpy()
    count = len(projects)
    earlier = (rng.random(count) < WISHES_EARLIER_SHARE) & ~settled
    start = np.maximum(projects["start_year"] - earlier, 2026)
    waits = np.where(settled, 2, rng.integers(0, 4, count))
    building = 1 + (projects["invest_bn_kzt"] > 1) + (projects["invest_bn_kzt"] > 8)
    days = [int(rng.integers(*SINCE_DAYS[status])) for status in projects["status"]]
    since = [(AS_OF - timedelta(days=number)).isoformat() for number in days]
    return projects.assign(
        start_year=start,
        start_year_max=start + waits,
        build_years=building,
        status_since=since,
    )


def main(folder: Path) -> None:
    """Write the three files."""
    folder.mkdir(parents=True, exist_ok=True)
    infrastructure = make_infrastructure()
    infrastructure.to_csv(folder / "infrastructure.csv", index=False, lineterminator="\n")
    make_projects().to_csv(folder / "projects.csv", index=False, lineterminator="\n")
    utilities = make_utilities(infrastructure)
    text = utilities.to_json(drop_id=True, ensure_ascii=False)
    (folder / "utilities.geojson").write_text(text + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)

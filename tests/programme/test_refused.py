"""A programme that cannot be used ends in one clear message, and nothing is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from .made_programme import geoplan, write_programme


def text(name: str, old: str, new: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        content = (folder / name).read_text(encoding="utf-8")
        assert old in content
        (folder / name).write_text(content.replace(old, new), encoding="utf-8")

    return spoil


def features(name: str, change: Callable[[list[dict]], list[dict]]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        content = json.loads((folder / name).read_text())
        content["features"] = change(content["features"])
        (folder / name).write_text(json.dumps(content))

    return spoil


def column(name: str, row: int, value: object) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        table = pd.read_csv(folder / "projects.csv", dtype=object)
        if name not in table:
            table[name] = None
        table.loc[row, name] = value
        table.to_csv(folder / "projects.csv", index=False)

    return spoil


def elsewhere(records: list[dict]) -> list[dict]:
    records[0]["properties"]["park_id"] = "K01"
    return records


REFUSED = {
    "a park without zones": (
        features("zones.geojson", lambda records: records[1:]),
        ("parks (parks.csv) [K0]", "no zones", "Draw them"),
    ),
    "zones of an unknown park": (
        features("zones.geojson", elsewhere),
        ("zones (zones.geojson) [K0-P]", "K01", "Did you mean 'K"),
    ),
    "an unknown region": (
        column("regions", 1, "Nort"),
        ("projects (projects.csv) [A001]", "Nort", "Did you mean 'North'?"),
    ),
    "an unknown park": (
        column("park_ids", 2, "K1;K9"),
        ("projects (projects.csv) [A002]", "park_ids", "K9"),
    ),
    "a project that is there twice": (
        column("project_id", 2, "A001"),
        ("projects (projects.csv)", "A001", "not unique"),
    ),
    "a plot that cannot be known yet": (
        column("plot_id", 2, "X-1"),
        ("A002", "plots are drawn afresh", "park_ids"),
    ),
    "a rate of 0": (
        text("programme.toml", "kzt_per_usd = 500.0", "kzt_per_usd = 0.0"),
        ("[targets] kzt_per_usd", "greater than 0"),
    ),
    "an unknown key": (
        text("programme.toml", "notice =", "notise ="),
        ("[programme] notise", "Did you mean 'notice'?"),
    ),
    "another way to plots": (
        text("programme.toml", "[subdivide]", '[subdivide]\nmode = "grid"'),
        ("[subdivide]", "cut to measure"),
    ),
    "a CRS in degrees": (
        text("parks.csv", "EPSG:32642", "EPSG:4326"),
        ("crs of K0", "degrees"),
    ),
    "a park whose id is no name of a folder": (
        text("parks.csv", "K0,", "../K0,"),
        ("parks (parks.csv) [../K0]", "folder"),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_told_with_where_why_and_remedy(case: str, tmp_path: Path) -> None:
    spoil, words = REFUSED[case]
    file = write_programme(tmp_path)
    spoil(tmp_path)
    done = geoplan("programme", file, "--out", tmp_path / "out", "-q")
    assert done.returncode == 2, done.stderr
    assert "nothing was written" in done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr
    assert not (tmp_path / "out").exists()


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    file = write_programme(tmp_path)
    for case in ("zones of an unknown park", "an unknown region", "an unknown park"):
        REFUSED[case][0](tmp_path)
    done = geoplan("programme", file, "--out", tmp_path / "out", "-q")
    assert "4 problems" in done.stderr  # K0 is left without zones, too

"""A national platform's export becomes the portfolio: translated, held against what was known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import geoplan
from geoplan.errors import GeoplanError
from tests.small_park import geoplan as command
from tests.small_park import write_park

MAP = """\
records = "data.items"

[columns.projects]
project_id = "application.number"
name = "Название"
area_ha = "site.area"
status = "Статус"
sector = "Отрасль"
invest_bn_kzt = "invest"

[words.status]
"На рассмотрении" = "review"
"Договор" = "contract"
"Отозвана" = "withdrawn"

[words.sector]
"Пищевая" = "food"
"""


def record(number: str, **given: Any) -> dict[str, Any]:
    """One application as the platform nests it."""
    usual = {"area": 1.5, "status": "На рассмотрении", "invest": 2.5} | given
    return {
        "application": {"number": number},
        "Название": f"Завод {number}",
        "site": {"area": usual["area"]},
        "Статус": usual["status"],
        "Отрасль": "Пищевая",
        "invest": usual["invest"],
    }


def exported(folder: Path, *records: dict[str, Any]) -> Path:
    """Write an export, and the map beside it."""
    (folder / "map.toml").write_text(MAP, "utf-8")
    path = folder / "export.json"
    content = {"meta": {"count": len(records)}, "data": {"items": list(records)}}
    path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    return path


def test_an_export_becomes_a_portfolio_in_our_words(tmp_path: Path) -> None:
    path = exported(tmp_path, record("B-2", status="Договор"), record("A-1"))
    answer = geoplan.register(path, tmp_path / "p.csv", columns=tmp_path / "map.toml")
    assert answer.ids("new") == ["A-1", "B-2"]
    table = pd.read_csv(tmp_path / "p.csv")
    assert table["project_id"].tolist() == ["A-1", "B-2"]
    assert table["status"].tolist() == ["review", "contract"]
    assert set(table["sector"]) == {"food"}
    assert table["name"].tolist() == ["Завод A-1", "Завод B-2"]


def test_the_same_export_twice_gives_the_same_bytes_and_nothing_new(tmp_path: Path) -> None:
    odd = record("=A-2;", area=0.1 + 0.2, invest=1 / 3)
    odd["application"]["number"] = "A-2"
    odd["Название"] = "=1+1"
    path, out = exported(tmp_path, record("A-1"), odd), tmp_path / "p.csv"
    geoplan.register(path, out, columns=tmp_path / "map.toml")
    first = out.read_bytes()
    again = exported(tmp_path, odd, record("A-1"))  # in another order
    answer = geoplan.register(again, out, columns=tmp_path / "map.toml")
    assert out.read_bytes() == first
    assert [answer.count(each) for each in ("new", "changed", "withdrawn")] == [0, 0, 0]


def test_what_changed_is_told_field_by_field_and_who_is_missing_is_withdrawn(
    tmp_path: Path,
) -> None:
    out = tmp_path / "p.csv"
    path = exported(tmp_path, record("A-1"), record("A-2"), record("A-3"))
    geoplan.register(path, out, columns=tmp_path / "map.toml")
    now = (record("A-1", invest=4), record("A-3", status="Отозвана"), record("A-4"))
    path = exported(tmp_path, *now)
    answer = geoplan.register(path, out, columns=tmp_path / "map.toml")
    assert answer.changes.to_numpy().tolist() == [
        ["A-1", "changed", "invest_bn_kzt", "2.5", "4"],
        ["A-2", "withdrawn", "status", "review", "withdrawn"],
        ["A-3", "withdrawn", "status", "review", "withdrawn"],
        ["A-4", "new", "", "", ""],
    ]
    saved = pd.read_csv(tmp_path / "p.changes.csv", dtype="str", keep_default_na=False)
    assert saved.to_numpy().tolist() == answer.changes.to_numpy().tolist()
    before = out.read_bytes()
    again = geoplan.register(path, out, columns=tmp_path / "map.toml")
    assert out.read_bytes() == before
    assert again.changes.empty


def test_columns_that_the_platform_does_not_have_stay(tmp_path: Path) -> None:
    out = tmp_path / "p.csv"
    path = exported(tmp_path, record("A-1"), record("A-2"))
    geoplan.register(path, out, columns=tmp_path / "map.toml")
    table = pd.read_csv(out).assign(near=["A-2", None], start_year=[2027, None])
    table.to_csv(out, index=False)
    geoplan.register(path, out, columns=tmp_path / "map.toml")
    kept = pd.read_csv(out)
    assert kept["near"].fillna("").tolist() == ["A-2", ""]
    assert kept["start_year"].fillna(0).tolist() == [2027, 0]


def test_changes_are_told_since_a_saved_plan(tmp_path: Path) -> None:
    scenario = write_park(tmp_path)
    geoplan.run(scenario).save(tmp_path / "plan")
    table = pd.read_csv(tmp_path / "projects.csv")
    table.loc[table["project_id"] == "A-3", "area_ha"] = 0.9
    export = tmp_path / "export.csv"
    table[table["project_id"] != "A-6"].to_csv(export, index=False)
    out = tmp_path / "new.csv"
    answer = geoplan.register(export, out, since=tmp_path / "plan")
    assert answer.changes.to_numpy().tolist() == [
        ["A-3", "changed", "area_ha", "0.8", "0.9"],
        ["A-6", "withdrawn", "status", "application", "withdrawn"],
    ]
    scenario.write_text(scenario.read_text("utf-8").replace("projects.csv", "new.csv"), "utf-8")
    plan = geoplan.run(scenario, previous=tmp_path / "plan")
    assert plan.withdrawn == {"A-6"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"data.items"', '"data.itemz"', "'itemz' of records"),
        ('"data.items"', '""', "there is no list of records there"),
        ("area_ha =", "aria_ha =", "Did you mean 'area_ha'?"),
        ("[words.status]", "[words.statuz]", "Did you mean 'status'?"),
        ('"Договор" = "contract"\n', "", "status must be one of"),
        ("records =", "record =", "Did you mean 'records'?"),
    ],
)
def test_what_cannot_be_used_is_one_clear_message(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    path = exported(tmp_path, record("A-1", status="Договор"))
    (tmp_path / "map.toml").write_text(MAP.replace(old, new), "utf-8")
    with pytest.raises(GeoplanError) as refused:
        geoplan.register(path, tmp_path / "p.csv", columns=tmp_path / "map.toml")
    assert told in str(refused.value)
    assert not (tmp_path / "p.csv").exists()


def test_the_command_counts_and_names(tmp_path: Path) -> None:
    exported(tmp_path, record("A-1"), record("A-2"))
    arguments = ("register", "export.json", "--out", "p.csv", "--columns", "map.toml")
    first = command(*arguments, "--json", "-q", folder=tmp_path)
    assert first.returncode == 0, first.stderr
    told = json.loads(first.stdout)
    assert (told["new"], told["changed"], told["withdrawn"]) == (2, 0, 0)
    again = json.loads(command(*arguments, "--json", "-q", folder=tmp_path).stdout)
    assert (again["new"], again["changed"], again["withdrawn"]) == (0, 0, 0)
    missing = command("register", "none.json", "--out", "p.csv", "-q", folder=tmp_path)
    assert missing.returncode == 2
    assert "Traceback" not in missing.stderr

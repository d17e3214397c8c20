from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyogrio
import pytest

from tests.site.conftest import Park, only, zones

RECORDS = [
    {"project_id": "007", "area_ha": 1.5, "jobs": 30, "name": "Сарыарқа Құрылыс", "rail": True},
    {"project_id": "1e5", "area_ha": 2.25, "jobs": 4, "name": None, "rail": False},
]
TABLE = pd.DataFrame(RECORDS)


def read(park: Park) -> list[tuple[object, ...]]:
    projects = park.read().projects
    assert projects is not None
    columns = ["project_id", "area_ha", "jobs", "name", "rail"]
    return list(projects[columns].itertuples(index=False, name=None))


EXPECTED = [("007", 1.5, 30, "Сарыарқа Құрылыс", True), ("1e5", 2.25, 4, "1e5", False)]


def as_csv(path: Path) -> None:
    TABLE.to_csv(path, index=False)


def as_tsv(path: Path) -> None:
    TABLE.to_csv(path, index=False, sep="\t")


def as_json(path: Path) -> None:
    path.write_text(json.dumps(RECORDS, ensure_ascii=False), encoding="utf-8")


def as_xlsx(path: Path) -> None:
    TABLE.to_excel(path, index=False)


def as_ods(path: Path) -> None:
    pyogrio.write_dataframe(TABLE, path, driver="ODS")


def as_geopackage(path: Path) -> None:
    pyogrio.write_dataframe(TABLE, path)


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("p.csv", as_csv),
        ("p.tsv", as_tsv),
        ("p.json", as_json),
        ("p.xlsx", as_xlsx),
        ("p.ods", as_ods),
        ("p.gpkg", as_geopackage),
    ],
)
def test_every_format_gives_the_same_portfolio(
    park: Park, name: str, write: Callable[[Path], None]
) -> None:
    write(park.folder / name)
    park.portfolio = name
    assert read(park) == EXPECTED


def test_spreadsheet_options_are_put_back(park: Park) -> None:
    as_xlsx(park.folder / "p.xlsx")
    park.portfolio = "p.xlsx"
    assert read(park) == EXPECTED
    assert pyogrio.get_gdal_config_option("OGR_XLSX_FIELD_TYPES") is None


def test_a_sheet_is_picked_by_name(park: Park) -> None:
    with pd.ExcelWriter(park.folder / "p.xlsx") as book:
        pd.DataFrame({"note": ["x"]}).to_excel(book, sheet_name="About", index=False)
        TABLE.to_excel(book, sheet_name="Projects", index=False)
    park.portfolio = "p.xlsx|Projects"
    assert read(park) == EXPECTED
    park.portfolio = "p.xlsx"
    problem = park.problem()
    assert "About, Projects" in problem.cause
    assert '"p.xlsx|About"' in problem.remedy


def test_a_table_beside_layers_is_picked_by_name(park: Park) -> None:
    path = park.layer("zones", zones())
    pyogrio.write_dataframe(TABLE, path, layer="portfolio", append=True)
    park.site["zones"] = "zones.gpkg|zones"
    park.portfolio = "zones.gpkg|portfolio"
    assert read(park) == EXPECTED


def test_rows_and_columns_that_only_look_empty_are_left_out(park: Park) -> None:
    park.projects("project_id;area_ha;;\nP1;1;;\n;;;\n\nP2;2;;\n;;;\n")
    site = park.read()
    assert site.projects is not None
    assert site.projects["project_id"].tolist() == ["P1", "P2"]
    assert [f.rule for f in site.findings] == ["csv-separator"]


@pytest.mark.parametrize(("separator", "name"), [(";", "semicolon"), ("\t", "tab")])
def test_another_separator_is_found_in_the_header_and_reported(
    park: Park, separator: str, name: str
) -> None:
    park.projects(f"project_id{separator}area_ha\nP1{separator}1\n")
    finding = only(park.read().findings, "csv-separator")
    assert (finding.severity, finding.layer) == ("info", "projects")
    assert name in finding.message


def test_a_separator_inside_quotes_does_not_count(park: Park) -> None:
    park.projects('project_id,area_ha,"a;b;c;d"\nP1,1,x\n')
    assert [f.rule for f in park.read().findings] == ["extra-columns"]


def test_a_comma_inside_a_name_is_no_separator(park: Park) -> None:
    park.projects("Площадь, га;project_id\n1,5;P1\n")
    park.columns = {"projects": {"area_ha": "Площадь, га"}}
    projects = park.read().projects
    assert projects is not None
    assert projects["area_ha"].tolist() == [1.5]


def test_a_byte_order_mark_is_no_part_of_the_first_name(park: Park) -> None:
    park.projects("project_id,area_ha\nP1,1\n", encoding="utf-8-sig")
    assert park.read().findings == ()


def test_cp1251_is_read_and_reported(park: Park) -> None:
    park.projects("project_id,area_ha,name\nП1,1,Завод\n", encoding="cp1251")
    site = park.read()
    assert site.projects is not None
    assert site.projects.loc[0, ["project_id", "name"]].tolist() == ["П1", "Завод"]
    finding = only(site.findings, "csv-encoding")
    assert "cp1251" in finding.message
    assert "Kazakh letters" in finding.remedy


def test_columns_named_twice_are_refused(park: Park) -> None:
    park.projects("project_id,area_ha,area_ha\nP1,1,2\n")
    problem = park.problem()
    assert problem.where == "projects (projects.csv)"
    assert "named twice: area_ha" in problem.cause


def test_rows_longer_than_the_header_are_refused_with_their_line(park: Park) -> None:
    park.projects("project_id,area_ha\nP1,1\nP2,1,5,7\n")
    problem = park.problem()
    assert "line 3" in problem.cause
    assert "Quote" in problem.remedy


def test_an_empty_file_is_refused(park: Park) -> None:
    park.projects("")
    assert park.problem().where == "projects (projects.csv)"


@pytest.mark.parametrize(
    ("text", "cause"),
    [("{", "not JSON"), ('{"projects": []}', "not a list of records"), ("[1]", "not a list")],
)
def test_json_that_is_no_list_of_records_is_refused(park: Park, text: str, cause: str) -> None:
    park.projects(text, name="p.json")
    problem = park.problem()
    assert problem.where == "projects (p.json)"
    assert cause in problem.cause
    assert problem.remedy


def test_null_and_nan_in_json_are_missing(park: Park) -> None:
    text = '[{"project_id": "A", "area_ha": NaN}, {"project_id": "B", "area_ha": null}]'
    park.projects(text, name="p.json")
    problem = park.problem()
    assert "area_ha is missing" in problem.cause
    assert problem.ids == ("A", "B")


def test_an_unknown_format_is_refused_with_the_known_ones(park: Park) -> None:
    park.projects("x", name="p.docx")
    problem = park.problem()
    assert "'.docx'" in problem.cause
    assert ".xlsx" in problem.remedy


def test_parquet_without_its_engine_is_refused_in_words(
    park: Park, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_engine(_path: Path) -> pd.DataFrame:
        raise ImportError("no engine")

    monkeypatch.setattr(pd, "read_parquet", no_engine)
    park.projects("x", name="p.parquet")
    problem = park.problem()
    assert "needs pyarrow" in problem.cause
    assert "csv or xlsx" in problem.remedy


def test_a_broken_spreadsheet_is_refused_in_words(park: Park) -> None:
    park.projects("not a zip file", name="p.xlsx")
    problem = park.problem()
    assert problem.where == "projects (p.xlsx)"
    assert "cannot be opened" in problem.cause


def test_numbers_that_a_workbook_holds_as_text_may_have_decimal_commas(park: Park) -> None:
    typed = pd.DataFrame(
        {"project_id": ["A", "B"], "area_ha": ["1,5", "2.25"], "jobs": ["1 000", 4]}
    )
    typed.to_excel(park.folder / "p.xlsx", index=False)
    park.portfolio = "p.xlsx"
    found = park.read()
    assert found.projects[["area_ha", "jobs"]].to_numpy().tolist() == [[1.5, 1000], [2.25, 4]]
    assert only(found.findings, "decimal-comma").message.endswith("in: area_ha.")


def test_a_text_ends_at_a_zero_character_and_that_is_told(park: Park) -> None:
    park.projects("project_id,area_ha,name\nP,1,Steel\0works\nQ,2,Depot\n")
    site = park.read()
    assert site.projects is not None
    assert site.projects["name"].tolist() == ["Steel", "Depot"]
    assert only(site.findings, "text-cut").message.endswith("read up to there: P.")

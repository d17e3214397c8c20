"""Text in other encodings: read and said, or noticed where it was read wrongly before."""

from __future__ import annotations

import pandas as pd
import pyogrio
import pytest

from geoplan.site.texts import cyrillic_encoding, unmangled
from tests.site.conftest import Park, only, zones

NAMES = ["Завод", "Сарыарқа Құрылыс", "ТОО «Склад №2»", "Цех"]
PORTFOLIO = "project_id,area_ha,name\nP1,1,Северный завод\n"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_read_with_and_without_its_mark(park: Park, encoding: str) -> None:
    park.projects(PORTFOLIO, encoding=encoding)
    site = park.read()
    assert site.projects is not None
    assert site.projects["name"].tolist() == ["Северный завод"]
    assert "UTF-16" in only(site.findings, "csv-encoding").message


@pytest.mark.parametrize("encoding", ["cp1251", "cp866", "koi8-r"])
def test_cyrillic_code_pages_are_told_apart(park: Park, encoding: str) -> None:
    assert cyrillic_encoding("Северная зона, завод".encode(encoding)) == encoding
    park.projects(PORTFOLIO, encoding=encoding)
    site = park.read()
    assert site.projects is not None
    assert site.projects["name"].tolist() == ["Северный завод"]
    assert encoding in only(site.findings, "csv-encoding").message


@pytest.mark.parametrize(
    ("read_as", "meant"),
    [("cp1252", "utf-8"), ("latin-1", "cp1251"), ("cp1251", "cp866")],
)
def test_misread_text_is_named_with_what_it_would_be(park: Park, read_as: str, meant: str) -> None:
    mangled = "Склад".encode(meant).decode(read_as)
    park.layer("zones", zones(name=[mangled, "Depot"]))
    finding = only(park.read().findings, "text-encoding")
    assert finding.severity == "warning"
    assert f"'{mangled}' would be 'Склад', had {meant} not been read as {read_as}" in (
        finding.message
    )


def test_lost_letters_are_named(park: Park) -> None:
    park.layer("zones", zones(name=["????? 2", "\ufffdклад"]))
    finding = only(park.read().findings, "text-lost")
    assert "texts in name have lost letters (2), such as '????? 2'" in finding.message


@pytest.mark.parametrize(
    "text", [*NAMES, "Größe", "Château-d'Œx", "naïve", "Łódź", "Ёлка", "ЁЖ", "Ә", "5 m²", "№ 7 — Б"]
)
def test_text_that_is_right_is_left_in_peace(text: str) -> None:
    assert unmangled(text) is None


@pytest.mark.parametrize("text", ["Завод", "ТОО «Склад №2»", "Цех", "Қойма"])
def test_utf8_read_as_cp1251_is_recognised(text: str) -> None:
    assert unmangled(text.encode("utf-8").decode("cp1251")) == (text, "cp1251", "utf-8")


def test_a_header_below_notes_is_found_and_its_row_said(park: Park) -> None:
    notes = 'Реестр заявок;;\n"Исполнитель; отдел\nинвестиций";;\n;;\n'
    park.projects(f"{notes}project_id;area_ha;name\nP1;1,5;A\n")
    site = park.read()
    assert site.projects is not None
    assert site.projects["area_ha"].tolist() == [1.5]
    message = only(site.findings, "header-row").message
    assert message.startswith("the header stands in row 4; above it: 'Реестр заявок'")


@pytest.mark.parametrize("suffix", [".xlsx", ".ods"])
def test_a_workbooks_header_below_notes_is_found_by_mapped_names(park: Park, suffix: str) -> None:
    table = [
        ["Реестр заявок на 1 ноября", None],
        [None, None],
        ["Заявка", "Площадь, га"],
        ["007", "1.5"],
    ]
    path = park.folder / f"p{suffix}"
    if suffix == ".xlsx":
        pd.DataFrame(table).to_excel(path, header=False, index=False)
    else:
        frame = pd.DataFrame(table[1:], columns=[table[0][0], "b"])
        pyogrio.write_dataframe(frame, path, driver="ODS")
    park.portfolio = path.name
    park.columns = {"projects": {"project_id": "Заявка", "area_ha": "Площадь, га"}}
    site = park.read()
    assert site.projects is not None
    assert site.projects[["project_id", "area_ha"]].to_numpy().tolist() == [["007", 1.5]]
    assert "Реестр заявок" in only(site.findings, "header-row").message


def test_rows_with_more_cells_than_the_header_lose_nothing(park: Park) -> None:
    park.projects("project_id,area_ha\nP1,1,5\n")
    problem = park.problem()
    assert "more cells than its 2 in line 2" in problem.cause
    assert "semicolons" in problem.remedy


def test_a_quote_that_never_closes_is_refused(park: Park) -> None:
    park.projects('project_id,area_ha\n"P1,1\nP2,2\n')
    assert "do not fit the header" in park.problem().cause

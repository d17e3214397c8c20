"""An export becomes a portfolio; the next one tells who is new, changed, withdrawn and back."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import geoplan

from .exports import MAP, record, write_export, write_map

THREE = (
    "project_id,name,investor,use,area_ha,invest_bn_kzt,status\r\n"
    "NP-1,Завод 1,ТОО 1,production,1,1,review\r\n"
    "NP-2,Завод 2,ТОО 2,production,2,2,review\r\n"
    "NP-3,Завод 3,ТОО 3,production,3,3,review\r\n"
)


class Office:
    """A folder in which exports come in one after another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "projects.csv"
        write_map(folder)

    def takes(self, *records: dict, **options: object) -> geoplan.Registered:
        """Bring an export in."""
        options = {"out": self.out, "columns": self.folder / "map.toml"} | options
        return geoplan.register(write_export(self.folder, *records), **options)

    def types(self, old: str, new: str) -> None:
        """Let the planner edit the portfolio."""
        text = self.text()
        assert old in text
        self.out.write_text(text.replace(old, new), encoding="utf-8", newline="")

    def text(self) -> str:
        """Return the portfolio as it stands."""
        return self.out.read_bytes().decode("utf-8")

    def rows(self) -> pd.DataFrame:
        """Return the portfolio's cells."""
        return pd.read_csv(self.out, dtype="str", index_col="project_id")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Return an office that has taken three projects in."""
    office = Office(tmp_path)
    assert office.takes(*map(record, (1, 2, 3))).new == ["NP-1", "NP-2", "NP-3"]
    return office


def rules(made: geoplan.Registered) -> dict[str, str]:
    """Return the subjects of warnings with their rules."""
    return {f.subject: f.rule for f in made.findings if f.severity == "warning"}


def test_fields_words_and_units_become_ours_in_the_order_of_ids(office):
    assert office.text() == THREE


def test_the_same_export_again_in_any_order_changes_nothing(office):
    again = office.takes(*map(record, (3, 1, 2)))
    assert again.summary == "0 new, 0 changed, 0 withdrawn, 0 returned, 3 unchanged"
    assert again.changes.empty
    assert office.text() == THREE


def test_each_kind_of_change_is_told_field_by_field(office):
    office.takes(record(1), record(2), record(3, status="Отозван"))
    made = office.takes(record(1, status="Договор"), record(3), record(4))
    assert (made.new, made.changed, made.withdrawn, made.returned) == (
        ["NP-4"],
        ["NP-1"],
        ["NP-2"],
        ["NP-3"],
    )
    assert made.changes.to_numpy().tolist() == [
        ["NP-1", "changed", "status", "review", "contract"],
        ["NP-2", "withdrawn", "status", "review", "withdrawn"],
        ["NP-3", "returned", "status", "withdrawn", "review"],
        ["NP-4", "new", "", "", "Завод 4"],
    ]
    assert office.rows()["status"].to_dict() == {
        "NP-1": "contract",
        "NP-2": "withdrawn",
        "NP-3": "review",
        "NP-4": "review",
    }


def test_who_is_missing_stays_withdrawn_and_is_told_once(office):
    assert office.takes(record(1), record(2)).withdrawn == ["NP-3"]
    kept = office.text()
    assert office.takes(record(1), record(2)).unchanged == 3
    assert office.text() == kept


def test_what_a_planner_typed_stays(office):
    office.types("status\r\n", "status,plot_id,near,Заметка\r\n")
    office.types("1,review", "1,review,P-7,NP-2;NP-3,звонить")
    office.types("ТОО 2,production", "ТОО 2,logistics")
    made = office.takes(*map(record, (1, 2, 3)))
    row = office.rows().loc["NP-1"]
    assert row[["plot_id", "near", "Заметка"]].tolist() == ["P-7", "NP-2;NP-3", "звонить"]
    assert made.changed == ["NP-2"], "what the export states holds"
    assert office.takes(*map(record, (1, 2, 3))).unchanged == 3


def test_a_blank_field_says_nothing(office):
    made = office.takes(record(1, sum=None, title=" "), record(2), record(3))
    assert made.unchanged == 3
    assert office.text() == THREE


def test_a_status_that_was_taken_back_is_told_of_those_under_contract(office):
    office.takes(record(1, status="Договор"), record(2, status="Договор"), record(3))
    made = office.takes(record(1), record(3))
    assert rules(made) == {
        "": "register-missing",
        "NP-1": "register-status",
        "NP-2": "register-withdrawn",
    }


def test_an_area_beyond_the_typed_range_is_told_and_reached(office):
    office.types("area_ha,", "area_ha,area_min_ha,area_max_ha,")
    office.types("production,1,", "production,1,0.8,1.2,")
    office.types("production,2,", "production,2,,,")
    office.types("production,3,", "production,3,,,")
    made = office.takes(record(1, land={"area": 15_000}), record(2), record(3))
    assert rules(made) == {"NP-1": "register-range"}
    row = office.rows().loc["NP-1"]
    assert row[["area_ha", "area_min_ha"]].tolist() == ["1.5", "0.8"]
    assert made.changes[["field", "from", "to"]].to_numpy().tolist() == [
        ["area_ha", "1", "1.5"],
        ["area_max_ha", "1.2", ""],
    ]


def test_a_start_after_the_typed_window_is_told_and_closes_it(office, tmp_path):
    write_map(tmp_path, MAP.replace("[values.status]", 'start_year = "year"\n[values.status]'))
    office.takes(*(record(n, year=2027) for n in (1, 2)), record(3, year=2027))
    office.types("start_year,status", "start_year,start_year_max,status")
    office.types("2027,review", "2027,2028,review")
    made = office.takes(record(1, year=2029), record(2, year=2028), record(3, year=2027))
    assert rules(made) == {"NP-1": "register-range"}
    assert office.rows()["start_year_max"].fillna("").tolist() == ["", "2028", "2028"]


def test_the_date_of_a_status_is_the_exports_alone(tmp_path):
    office = Office(tmp_path)
    write_map(tmp_path, MAP.replace("[values.status]", 'status_since = "day"\n[values.status]'))
    office.takes(*(record(n, day="2026-05-01") for n in (1, 2, 3, 4)))
    signed = {"status": "Договор"}
    later = (
        record(1, day="2026-08-01", **signed),
        record(2, day=None, **signed),
        record(4, day=""),
    )
    made = office.takes(*later)
    assert office.rows()["status_since"].fillna("").to_dict() == {
        "NP-1": "2026-08-01",
        "NP-2": "",
        "NP-3": "",
        "NP-4": "2026-05-01",
    }
    assert made.withdrawn == ["NP-3"]
    assert office.takes(*later).changes.empty


def test_projects_without_the_prefix_are_the_planners_own(office):
    office.out.write_text(office.text() + "OWN-1,Hotel,,services,1,4,contract\r\n", "utf-8")
    made = office.takes(*map(record, (1, 2, 3)))
    assert made.unchanged == 4
    assert office.rows().loc["OWN-1", "status"] == "contract"


def test_without_a_status_the_withdrawn_stay_so_and_it_is_told(office):
    office.types("3,review", "3,withdrawn")
    plain = [{k: v for k, v in record(n).items() if k != "status"} for n in (1, 2, 3)]
    made = office.takes(*plain)
    assert made.unchanged == 3
    assert rules(made) == {"NP-3": "register-withdrawn"}


def test_an_earlier_file_is_compared_with_instead_and_changes_are_written(office, tmp_path):
    log = tmp_path / "changes.csv"
    made = office.takes(
        record(2), record(3), since=office.out, out=tmp_path / "next.csv", changes=log
    )
    assert made.withdrawn == ["NP-1"]
    assert log.read_bytes().decode() == (
        "project_id,change,field,from,to\r\nNP-1,withdrawn,status,review,withdrawn\r\n"
    )
    assert office.text() == THREE


def test_what_was_typed_since_the_earlier_portfolio_stays(office, tmp_path):
    earlier = tmp_path / "earlier.csv"
    earlier.write_text(office.text().replace("status\r\n", "status,near\r\n", 1), "utf-8")
    earlier.write_text(earlier.read_text("utf-8").replace("1,review", "1,review,NP-2"), "utf-8")
    office.types("status\r\n", "status,plot_id\r\n")
    office.types("2,review", "2,review,P-7")
    office.out.write_text(office.text() + "OWN-1,Hotel,,services,1,4,contract,\r\n", "utf-8")
    made = office.takes(record(1), record(2, status="Договор"), since=earlier)
    assert (made.new, made.changed, made.withdrawn) == (["OWN-1"], ["NP-1", "NP-2"], ["NP-3"])
    assert made.changes.to_numpy().tolist() == [
        ["NP-1", "changed", "near", "NP-2", ""],
        ["NP-2", "changed", "status", "review", "contract"],
        ["NP-2", "changed", "plot_id", "", "P-7"],
        ["NP-3", "withdrawn", "status", "review", "withdrawn"],
        ["OWN-1", "new", "", "", "Hotel"],
    ]
    kept = office.text()
    again = office.takes(record(1), record(2, status="Договор"), since=earlier)
    assert again.changes.equals(made.changes)
    assert office.text() == kept


def test_formulas_are_inert_and_stay_the_same(office):
    records = (record(1, title="=HYPERLINK(0)"), record(2, title="-5\n@x"), record(3))
    assert office.takes(*records).changed == ["NP-1", "NP-2"]
    assert office.rows().loc["NP-1", "name"] == "'=HYPERLINK(0)"
    kept = office.text()
    assert office.takes(*records).unchanged == 3
    assert office.text() == kept


@pytest.mark.parametrize(
    ("unit", "figure", "meant"),
    [("bn_kzt", 1.5, "1.5"), ("mln_kzt", 408.1, "0.4081"), ("tenge", "3 000 000 000", "3"),
     ("usd", 2_000_000, "1"), ("bn_usd", "0,002", "1")],
)  # fmt: skip
def test_money_is_told_in_any_unit(tmp_path, unit, figure, meant):
    office = Office(tmp_path)
    write_map(tmp_path, MAP.replace("mln_usd", unit))
    office.takes(record(1, sum=figure))
    assert office.rows()["invest_bn_kzt"].tolist() == [meant]


def test_tables_are_read_as_any_portfolio_is(tmp_path):
    table = tmp_path / "выгрузка.csv"
    rows = 'Выгрузка на 01.10.2026\r\n\r\nНомер;Площадь;Статус\r\n7;"1,25";договор\r\n'
    table.write_bytes(rows.encode("cp1251"))
    text = '[columns]\nproject_id = "Номер"\narea_ha = "Площадь"\nstatus = "Статус"\n'
    columns = write_map(tmp_path, text + '[values.status]\n"Договор" = "contract"\n')
    made = geoplan.register(table, columns=columns, out=tmp_path / "projects.csv")
    assert (tmp_path / "projects.csv").read_bytes() == (
        b"project_id,area_ha,status\r\n7,1.25,contract\r\n"
    )
    assert {"csv-encoding", "csv-separator", "header-row", "decimal-comma"} <= {
        finding.rule for finding in made.findings
    }


def test_nothing_is_written_without_a_file_to_write_to(tmp_path):
    path = write_export(tmp_path, record(1))
    made = geoplan.register(path, columns=write_map(tmp_path))
    assert made.portfolio["project_id"].tolist() == ["NP-1"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["export.json", "map.toml"]

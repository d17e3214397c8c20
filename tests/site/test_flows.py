"""Flows: read and held against portfolio and gates, or as sectors usually have them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from geoplan.config import load_norms, load_scenario
from geoplan.errors import GeoplanError
from geoplan.site import Site, read_site
from geoplan.site.flows import FLOW_COLUMNS, flow_table, flows_of
from tests.small_park import write_park

HEADER = "from_id,to_id,commodity,t_year,from_year,to_year\n"


def read(folder: Path, rows: str, *, header: str = HEADER, more: str = "") -> Site:
    scenario = write_park(folder)
    (folder / "flows.csv").write_text(header + rows, encoding="utf-8")
    text = scenario.read_text("utf-8")
    text = text.replace(
        'projects = "projects.csv"', 'projects = "projects.csv"\nflows = "flows.csv"'
    )
    scenario.write_text(text + more, encoding="utf-8")
    return read_site(load_scenario(scenario))


def problems(folder: Path, rows: str, **options: str) -> str:
    with pytest.raises(GeoplanError) as raised:
        read(folder, rows, **options)
    return str(raised.value)


def test_flows_are_read_with_their_years(tmp_path: Path) -> None:
    site = read(tmp_path, "A-1,G,bread,1200.5,2027,\nG,A-1,flour,900,,2030\n")
    assert tuple(site.flows.columns) == FLOW_COLUMNS
    assert site.flows["t_year"].tolist() == [1200.5, 900]
    assert site.flows["from_year"].isna().tolist() == [False, True]
    assert "flows.csv" in site.inputs


def test_columns_may_be_mapped(tmp_path: Path) -> None:
    mapped = '\n[columns.flows]\nfrom_id = "Откуда"\nto_id = "Куда"\nt_year = "т/год"\n'
    site = read(tmp_path, "A-1;G;7,5\n", header="Откуда;Куда;т/год\n", more=mapped)
    assert site.flows.loc[0, ["from_id", "to_id", "t_year", "commodity"]].tolist() == [
        "A-1", "G", 7.5, "goods",
    ]  # fmt: skip


def test_all_faults_of_a_table_are_told_at_once(tmp_path: Path) -> None:
    rows = (
        "A-l,G,bread,5,,\nA-1,A-1,x,1,,\nG,G,x,1,,\nA-2,G,x,-3,,\nA-3,G,x,,,\nA-4,G,x,1,2030,2027\n"
    )
    told = problems(tmp_path, rows)
    assert "from_id names what is neither a project nor a gate. 'A-l' may be 'A-" in told
    assert "[A-1 to A-1, G to G]: what somebody sends to himself goes nowhere" in told
    assert "gate to gate passes nobody" in told
    assert "t_year must be a finite number, zero or more, but is -3" in told
    assert "t_year is missing" in told
    assert "[A-4 to G]: from_year is after to_year" in told


def test_a_flow_that_is_stated_twice_is_added_up_and_told(tmp_path: Path) -> None:
    site = read(tmp_path, "A-1,G,bread,5,,\nA-1,G,bread,7,,\nA-1,G,cake,1,,\n")
    assert site.flows["t_year"].tolist() == [12, 1]
    told = [finding for finding in site.findings if finding.rule == "flow stated twice"]
    assert [finding.severity for finding in told] == ["warning"]
    assert "A-1 to G" in told[0].message


def test_nobody_is_asked_for_flows_that_no_scenario_wants(tmp_path: Path) -> None:
    assert read_site(load_scenario(write_park(tmp_path))).flows.empty


def test_the_objective_takes_flows_by_sector_where_no_table_is_named(tmp_path: Path) -> None:
    scenario = write_park(tmp_path)
    text = scenario.read_text("utf-8") + '\n[allocate]\nobjective = ["investment", "transport"]\n'
    scenario.write_text(text, encoding="utf-8")
    site = read_site(load_scenario(scenario))
    assert len(site.flows)
    assert any(finding.rule == "flows by sector" for finding in site.findings)


def test_a_project_and_a_gate_that_share_an_id_are_refused_wherever_flows_come_from(
    tmp_path: Path,
) -> None:
    for name in ("table", "sectors"):
        (tmp_path / name).mkdir()
    rows = "A-1,A-2,bread,5,,\nA-2,G,bread,5,,\n"
    scenario = write_park(tmp_path / "table")
    (tmp_path / "table/flows.csv").write_text(HEADER + rows.replace("G", "A-1"), encoding="utf-8")
    text = scenario.read_text("utf-8").replace(
        'projects = "projects.csv"', 'projects = "projects.csv"\nflows = "flows.csv"'
    )
    scenario.write_text(text, encoding="utf-8")
    by_sector = write_park(tmp_path / "sectors")
    text = by_sector.read_text("utf-8") + '\n[allocate]\nobjective = ["investment", "transport"]\n'
    by_sector.write_text(text, encoding="utf-8")
    for each in (scenario, by_sector):
        gates = each.parent / "gates.geojson"
        renamed = gates.read_text("utf-8").replace('"gate_id": "G"', '"gate_id": "A-1"')
        gates.write_text(renamed, encoding="utf-8")
        with pytest.raises(GeoplanError, match=r"\[A-1\]: a project and a gate share an id"):
            read_site(load_scenario(each))


PROJECTS = pd.DataFrame(
    {
        "project_id": ["F", "C1", "C2", "X", "Z"],
        "sector": ["food", "cold_store", "cold_store", "unheard_of", "food"],
        "area_ha": [2.0, 1.0, 3.0, 5.0, 9.0],
        "status": ["contract"] * 4 + ["withdrawn"],
    }
)
GATES = pd.DataFrame({"gate_id": ["N", "S", "R"], "kind": ["road", "road", "rail"]})


def test_sectors_send_by_rail_by_road_and_to_warehouses_by_their_areas(tmp_path: Path) -> None:
    norms = load_norms("kz-industrial", tmp_path).flows
    flows, food = flows_of(PROJECTS, GATES, norms), norms["food"]
    out = flows[flows["from_id"] == "F"].set_index("to_id")["t_year"]
    assert out.sum() == pytest.approx(2.0 * food.out_t_ha)
    assert out["R"] == pytest.approx(2.0 * food.out_t_ha * food.rail_share)
    assert out["N"] == out["S"]
    stored = 2.0 * food.out_t_ha * food.warehouse_share
    assert out["C2"] / stored == pytest.approx(3 * out["C1"] / stored)
    into = flows[flows["to_id"] == "F"]["t_year"].sum()
    assert into == pytest.approx(2.0 * food.in_t_ha)
    assert not {"X", "Z"} & {*flows["from_id"], *flows["to_id"]}


def test_the_road_takes_what_there_is_no_railway_or_store_for(tmp_path: Path) -> None:
    norms = load_norms("kz-industrial", tmp_path).flows
    flows = flows_of(PROJECTS[:1], GATES[:1], norms)
    assert flows["t_year"].tolist() == [2.0 * norms["food"].out_t_ha, 2.0 * norms["food"].in_t_ha]
    assert flow_table().empty


def test_every_figure_of_a_sector_says_where_it_is_from(tmp_path: Path) -> None:
    norms = load_norms("kz-industrial", tmp_path).flows
    assert norms
    assert all(norm.source and norm.confidence == "L" for norm in norms.values())
    assert {store for norm in norms.values() for store in norm.stores} <= set(norms)


def test_shares_of_a_sector_that_are_no_whole_are_refused(tmp_path: Path) -> None:
    profile = tmp_path / "own.toml"
    shipped = Path(__file__).parents[2] / "geoplan" / "norms" / "kz-industrial.toml"
    text = shipped.read_text("utf-8").replace("rail_share = 0.15", "rail_share = 0.5", 1)
    profile.write_text(text, encoding="utf-8")
    with pytest.raises(GeoplanError, match="add up to 1"):
        load_norms("own.toml", tmp_path)

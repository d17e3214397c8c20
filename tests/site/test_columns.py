from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from geoplan.config import UTILITY_KINDS
from tests.site.conftest import Park, at, block, frame, only, plots, zones


def projects(park: Park) -> pd.DataFrame:
    read = park.read().projects
    assert read is not None
    return read


def test_names_may_be_mapped(park: Park) -> None:
    park.layer("zones", zones().rename(columns={"zone_id": "№ зоны", "use": "Назначение"}))
    park.projects('Код,"Площадь, га"\nP1,2.5\n')
    park.columns = {
        "zones": {"zone_id": "№ зоны", "use": "Назначение"},
        "projects": {"project_id": "Код", "area_ha": "Площадь, га"},
    }
    assert park.read().zones["zone_id"].tolist() == ["A", "B"]
    assert projects(park)["area_ha"].tolist() == [2.5]


def test_a_mapped_name_wins_over_a_column_of_our_name(park: Park) -> None:
    park.projects("project_id,area_ha,net_ha\nP1,2,3\n")
    park.columns = {"projects": {"area_ha": "net_ha"}}
    assert projects(park)["area_ha"].tolist() == [3.0]
    assert "area_ha" in only(park.read().findings, "extra-columns").message


def test_an_unknown_column_of_ours_is_refused_with_the_nearest(park: Park) -> None:
    park.columns = {"projects": {"aera_ha": "Площадь"}}
    problem = park.problem()
    assert problem.where == "[columns.projects] aera_ha"
    assert "'area_ha'" in problem.remedy


def test_an_unknown_layer_is_refused_with_the_nearest(park: Park) -> None:
    park.columns = {"zone": {"zone_id": "id"}}
    problem = park.problem()
    assert problem.where == "[columns]"
    assert "'zone'" in problem.cause
    assert "'zones'" in problem.remedy


def test_a_mapped_column_that_is_not_in_the_file_is_refused_with_those_there(park: Park) -> None:
    park.layer("zones", zones())
    park.columns = {"zones": {"zone_id": "number"}}
    problem = park.problem()
    assert problem.where == "zones (zones.gpkg)"
    assert "[columns.zones] zone_id names 'number'" in problem.cause
    assert "zone_id, use" in problem.remedy


def test_a_missing_column_is_named_with_the_nearest_and_how_to_map_it(park: Park) -> None:
    park.layer("zones", zones().rename(columns={"zone_id": "ZoneID"}))
    problem = park.problem()
    assert problem.where == "zones (zones.gpkg)"
    assert "no column 'zone_id' (id of the zone)" in problem.cause
    assert "ZoneID, use" in problem.cause
    assert "Did you mean 'ZoneID'?" in problem.remedy
    assert 'under [columns.zones]: zone_id = "ZoneID"' in problem.remedy


def test_a_missing_column_without_a_near_one_still_says_how_to_map_it(park: Park) -> None:
    park.projects("project_id,x\nP1,2\n")
    problem = park.problem()
    assert "Did you mean" not in problem.remedy
    assert 'area_ha = "name in the file"' in problem.remedy


def test_columns_not_used_are_named_once(park: Park) -> None:
    park.layer("zones", zones(colour=["red", "blue"], remark=["", ""]))
    finding = only(park.read().findings, "extra-columns")
    assert (finding.severity, finding.layer) == ("info", "zones")
    assert "colour, remark" in finding.message


def test_spaces_around_names_and_text_are_dropped_and_blanks_are_null(park: Park) -> None:
    park.projects("project_id , area_ha,name,sector\n P1 ,2 ,  ,food \n")
    (project,) = projects(park).itertuples()
    assert (project.project_id, project.name, project.sector) == ("P1", "P1", "food")


def test_defaults_fill_what_a_portfolio_leaves_out(park: Park) -> None:
    park.projects("project_id,area_ha,jobs,area_max_ha\nP1,2,,3\nP2,1.5,7,\n")
    read = projects(park)
    assert read["name"].tolist() == ["P1", "P2"]
    assert read["area_min_ha"].tolist() == [2.0, 1.5]
    assert read["area_max_ha"].tolist() == [3.0, 1.5]
    assert read["jobs"].tolist() == [0, 7]
    for column in ("invest_bn_kzt", "priority", *UTILITY_KINDS):
        assert read[column].tolist() == [0.0, 0.0]
    assert read["rail"].tolist() == [False, False]
    assert read["status"].tolist() == ["application", "application"]
    for column in ("use", "sector", "hazard_class", "sensitive", "start_year", "plot_id", "near"):
        assert read[column].isna().all()


@pytest.mark.parametrize("word", ["true", "TRUE", "1", "yes", "да", "Иә"])
def test_yes_in_three_languages_is_true(park: Park, word: str) -> None:
    park.projects(f"project_id,area_ha,rail,sensitive\nP1,2,{word},{word}\n")
    assert projects(park)["rail"].tolist() == [True]
    assert projects(park)["sensitive"].tolist() == [True]


@pytest.mark.parametrize("word", ["false", "0", "No", "нет", "жоқ"])
def test_no_in_three_languages_is_false(park: Park, word: str) -> None:
    park.projects(f"project_id,area_ha,rail,sensitive\nP1,2,{word},{word}\n")
    assert projects(park)["rail"].tolist() == [False]
    assert projects(park)["sensitive"].tolist() == [False]


def test_a_flag_that_is_neither_is_refused(park: Park) -> None:
    park.projects("project_id,area_ha,rail\nP1,2,maybe\nP2,2,\n")
    problem = park.problem()
    assert "rail is neither true nor false: 'maybe'" in problem.cause
    assert problem.ids == ("P1",)
    assert "true" in problem.remedy


@pytest.mark.parametrize("cell", ["two", "2 ha", "1,5x", "nan", "--"])
def test_an_area_that_is_no_number_is_refused_with_its_record(park: Park, cell: str) -> None:
    park.projects(f'project_id,area_ha\nP1,2\nP2,"{cell}"\n')
    problem = park.problem()
    assert f"area_ha is not a number: '{cell}'" in problem.cause
    assert problem.ids == ("P2",)
    assert "decimal point" in problem.remedy


@pytest.mark.parametrize("cell", ["2.5", "inf", "1e300"])
def test_a_count_that_is_not_whole_is_refused(park: Park, cell: str) -> None:
    park.projects(f"project_id,area_ha,jobs\nP1,2,{cell}\n")
    problem = park.problem()
    assert "jobs is not a whole number" in problem.cause
    assert problem.ids == ("P1",)


def test_decimal_commas_are_read_where_the_comma_is_not_the_separator(park: Park) -> None:
    park.projects("project_id;area_ha;jobs;power_mw\nP1;1,25;1 200;0.5\nP2;1 234,5;;\n")
    read = projects(park)
    assert read["area_ha"].tolist() == [1.25, 1234.5]
    assert read["jobs"].tolist() == [1200, 0]
    assert read["power_mw"].tolist() == [0.5, 0.0]
    message = only(park.read().findings, "decimal-comma").message
    assert message.endswith("in: area_ha.")


def test_a_comma_in_a_number_of_a_comma_separated_file_is_not_guessed_at(park: Park) -> None:
    park.projects('project_id,area_ha\nP1,"1,234"\n')
    assert "'1,234'" in park.problem().cause


@pytest.mark.parametrize("ids", [[7, 8], [7.0, 8.0]])
def test_numbers_serve_as_ids(park: Park, ids: list[Any]) -> None:
    park.layer("zones", zones(zone_id=ids))
    assert park.read().zones["zone_id"].tolist() == ["7", "8"]


def test_words_to_choose_from_are_read_whatever_their_case(park: Park) -> None:
    park.layer("zones", zones(use=["Production", "LOGISTICS "]))
    assert park.read().zones["use"].tolist() == ["production", "logistics"]


def test_years_with_gaps_stay_whole_numbers(park: Park) -> None:
    park.layer("zones", zones(available_year=[2026, None]))
    years = park.read().zones["available_year"]
    assert str(years.dtype) == "Int64"
    assert years.tolist() == [2026, pd.NA]


def test_streets_cross_pipelines_but_not_water_unless_said_otherwise(park: Park) -> None:
    kinds = ["pipeline", "Power_line", "water", None, "pipeline", "water"]
    crossable = [None, None, None, None, False, True]
    park.layer(
        "exclusions",
        frame(
            [block(30 * n, 0, 20, 20) for n in range(6)],
            exclusion_id=list("abcdef"),
            kind=kinds,
            crossable=pd.array(crossable, dtype="boolean"),
        ),
    )
    read = park.read().exclusions
    assert read["crossable"].tolist() == [True, True, False, False, False, True]
    assert read["crossable"].dtype == np.dtype(bool)
    assert read["buffer_m"].tolist() == [0.0] * 6


def test_a_gate_without_a_kind_is_a_road_gate(park: Park) -> None:
    park.layer("gates", frame([shapely.Point(at((0, 0))[0])], gate_id=["N"]))
    assert park.read().gates["kind"].tolist() == ["road"]


def test_lists_in_json_are_ids_joined_by_semicolons(park: Park) -> None:
    park.projects(
        '[{"project_id": "A", "area_ha": 1, "near": ["B", "C"]},'
        ' {"project_id": "B", "area_ha": 1.5}, {"project_id": "C", "area_ha": 2}]',
        name="projects.json",
    )
    assert projects(park)["near"].iloc[0] == "B;C"
    assert projects(park)["area_ha"].tolist() == [1.0, 1.5, 2.0]


def test_ids_in_lists_are_joined_without_spaces(park: Park) -> None:
    park.mode = "given"
    park.layer("plots", plots())
    park.projects("project_id,area_ha,near,plot_id\nA,1, B ; ;C;,A-1 ;A-2\nB,1,,\nC,1,,\n")
    read = projects(park)
    assert read["near"].iloc[0] == "B;C"
    assert read["plot_id"].iloc[0] == "A-1;A-2"


def test_other_words_for_a_status_are_read_and_reported(park: Park) -> None:
    park.projects("project_id,area_ha,status\nA,1,Operating\nB,1,reserved\nC,1,review\n")
    site = park.read()
    assert site.projects is not None
    assert site.projects["status"].tolist() == ["operation", "reservation", "review"]
    taken = only(site.findings, "words-taken")
    assert taken.message == (
        "in status, 'operating' as 'operation', 'reserved' as 'reservation' was read."
    )

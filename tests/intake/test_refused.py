"""What cannot be used is told all at once, with the records and how to mend them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import geoplan
from geoplan.intake import example_mapping_text, load_mapping

from .exports import MAP, record, write_export, write_map


def problems(path: Path, **options: object) -> list[geoplan.Problem]:
    """Return what is told of a refused export, and see that nothing was written."""
    before = {p: p.read_bytes() for p in path.parent.iterdir() if p.is_file()}
    options = {"out": path.parent / "out.csv", "columns": path.parent / "map.toml"} | options
    with pytest.raises(geoplan.GeoplanError) as refused:
        geoplan.register(path, **options)
    assert {p: p.read_bytes() for p in path.parent.iterdir() if p.is_file()} == before
    return list(refused.value.problems)


def told(path: Path, **options: object) -> dict[str, tuple[str, ...]]:
    """Return causes with their ids."""
    return {p.cause: p.ids for p in problems(path, **options)}


def test_all_that_is_wrong_with_records_is_told_at_once(tmp_path):
    write_map(tmp_path)
    path = write_export(
        tmp_path,
        record(1, id="a 1"),
        record(2, id="A1"),
        record(3, land={"area": -5}),
        record(4, status="Не ясно"),
        record(5, title="РЎРєР»Р°Рґ"),
        record(6, title="half \ud800"),
        record(7),
        record(7, sum="much"),
        record(8, id=None),
        record(9, investor={"name": [{"first": "A"}]}),
    )
    found = told(path)
    assert found == {
        "status is 'Не ясно', which is none of application, review, reservation, contract,"
        " construction, operation, withdrawn.": ("NP-4",),
        "name is misread: 'РЎРєР»Р°Рґ' would be 'Склад', had utf-8 not been read as cp1251.": (
            "NP-5",
        ),
        "name holds halves of characters (lone surrogates).": ("NP-6",),
        "investor holds records, not a value.": ("NP-9",),
        "invest_bn_kzt is not a number: 'much'.": ("NP-7",),
        "area_ha must be a finite number above zero, but is -0.0005.": ("NP-3",),
        "project_id is missing (id of the application).": ("record 9",),
        "project_id is not unique.": ("NP-7",),
        "project_id differs in case or spaces alone.": ("NP-a 1", "NP-A1"),
    }


def test_an_unknown_status_comes_with_the_line_that_says_what_it_means(tmp_path):
    write_map(tmp_path)
    (found,) = problems(write_export(tmp_path, record(1, status="reviewed")))
    assert found.remedy == (
        'Say under [values.status] of the map what it means: "reviewed" = "review".'
    )


def test_faults_of_the_map_come_with_near_names(tmp_path):
    text = 'kzt_per_usd = 0\n[columns]\narea = "x"\n[unit]\narea_ha = "m2"\n'
    path = write_export(tmp_path, record(1))
    write_map(tmp_path, text)
    found = [f"{p.where}: {p.cause} {p.remedy}" for p in problems(path)]
    assert "map.toml, [unit]: unknown setting. Did you mean 'units'?" in found
    assert any(
        line.startswith("map.toml, [kzt_per_usd]: Input should be greater") for line in found
    )
    write_map(
        tmp_path,
        '[columns]\narea = "x"\nid_prefix = "N"\n[values.status]\n"да" = "contrac"\n'
        '[units]\narea_ha = "m3"\njobs = "ha"\ninvest_bn_kzt = "usd"\n',
    )
    assert [(p.where, p.remedy) for p in problems(path)] == [
        ("map.toml, [columns] area", "Did you mean 'area_ha'?"),
        (
            "map.toml, [columns] id_prefix",
            "Write id_prefix at the top of the file, above [columns].",
        ),
        ("map.toml, [values.status] 'да'", "Did you mean 'contract'?"),
        ("map.toml, [units] area_ha", "Units: ha, m2, km2."),
        (
            "map.toml, [units] jobs",
            "Leave it out; columns with units: area_ha, area_min_ha, area_max_ha, frontage_min_m,"
            " invest_bn_kzt, power_mw, water_m3d, wastewater_m3d, gas_m3h, heat_gcalh.",
        ),
        (
            "map.toml, [units] invest_bn_kzt",
            "Write kzt_per_usd = ... at the top of the file, with a rate of your choice.",
        ),
    ]


def test_a_word_that_means_two_things_is_refused(tmp_path):
    text = '[values.status]\n"На рассмотрении" = "review"\n"НА  рассмотрении" = "contract"\n'
    write_map(tmp_path, text)
    (found,) = problems(write_export(tmp_path, record(1)))
    assert found.cause == "it is 'review' and 'contract', but for case and spaces."


def test_fields_that_are_not_there_are_named(tmp_path):
    write_map(tmp_path, MAP.replace("land.area", "land.aria").replace('"id"', '"number"'))
    path = write_export(tmp_path, record(1))
    assert list(told(path)) == [
        "it has no field 'number', which is to be project_id.",
        "it has no field 'land.aria', which is to be area_ha.",
    ]
    write_map(tmp_path, 'records = "data.projects"\n')
    causes = list(told(path))
    assert causes[0].startswith("it has no field 'project_id' (id of the application)")
    assert causes[1].startswith("it has no field 'area_ha' (area asked for, ha)")


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("[1, 2", "the file is not JSON ("),
        ("[" * 100_000, "the file is not JSON ("),
        ('{"a": 1}', "the JSON has 0 lists of records."),
        (
            '{"a": [{"id": 1}], "b": {"c": [{"id": 2}]}}',
            "the JSON has 2 lists of records: 'a', 'b.c'.",
        ),
        ("[]", "there are no records."),
    ],
)
def test_json_without_one_list_of_records_is_refused(tmp_path, content, cause):
    write_map(tmp_path, "")
    path = tmp_path / "export.json"
    path.write_text(content, encoding="utf-8")
    (found,) = problems(path)
    assert found.cause.startswith(cause)


def test_a_path_to_no_records_names_the_nearest(tmp_path):
    write_map(tmp_path, MAP.replace("data.projects", "data.project"))
    (found,) = problems(write_export(tmp_path, record(1)))
    assert found.remedy == "Did you mean 'data.projects'?"


def test_ids_spelled_anew_and_exports_of_others_are_refused(tmp_path):
    write_map(tmp_path)
    earlier = tmp_path / "earlier.csv"
    earlier.write_text("project_id,area_ha\nnp-1,1\nNP-2,1\n", encoding="utf-8")
    path = write_export(tmp_path, record(1), record(2))
    (found,) = problems(path, since=earlier)
    assert found.ids == ("NP-1",)
    assert "('np-1') in case or spaces alone" in found.cause
    earlier.write_text("project_id,area_ha\nNP-8,1\n", encoding="utf-8")
    (found,) = problems(path, since=earlier)
    assert found.cause.startswith("none of its projects is in the earlier portfolio")


def test_names_of_unknown_projects_are_refused_in_what_would_be_written(tmp_path):
    write_map(tmp_path, MAP.replace("[values.status]", 'near = "near"\n[values.status]'))
    path = write_export(tmp_path, record(1, near=[2, 9]), record(2))
    (found,) = problems(path)
    assert (found.where, found.ids) == ("portfolio after the export", ("NP-1",))
    assert found.cause == "near names unknown projects: 'NP-9'."


def test_a_file_that_is_no_portfolio_is_not_replaced(tmp_path):
    write_map(tmp_path)
    (tmp_path / "out.csv").write_text("budget,2026\nrent,5\n", encoding="utf-8")
    found = problems(write_export(tmp_path, record(1)))
    assert all(str(tmp_path / "out.csv") in problem.where for problem in found)


def test_what_is_read_is_never_written_over(tmp_path):
    write_map(tmp_path)
    earlier = tmp_path / "earlier.csv"
    earlier.write_text("project_id,area_ha\nNP-1,1\n", encoding="utf-8")
    path = write_export(tmp_path, record(1))
    cause = "it is read here and would be lost."
    assert cause in told(path, out=path)
    assert cause in told(path, out=tmp_path / "map.toml")
    assert cause in told(path, since=earlier, changes=earlier)
    assert "portfolio and changes are one file." in told(path, changes=tmp_path / "out.csv")
    assert "a portfolio is written as CSV." in told(path, out=tmp_path / "out.xlsx")


def test_a_missing_export_map_or_plan_is_named(tmp_path):
    path = write_export(tmp_path, record(1))
    (found,) = problems(path)
    assert found.remedy.endswith("'geoplan register --example FILE' writes one to fill in.")
    write_map(tmp_path)
    (found,) = problems(tmp_path / "exprt.json")
    assert "Did you mean 'export.json'?" in found.remedy
    (tmp_path / "empty").mkdir()
    assert problems(path, since=tmp_path / "empty")


def test_the_example_is_a_map_once_its_marks_are_taken_away(tmp_path):
    path = tmp_path / "map.toml"
    path.write_text(example_mapping_text(), encoding="utf-8")
    assert load_mapping(path).columns == {}
    given = [
        line.removeprefix("# ")
        for line in example_mapping_text().splitlines()
        if line.startswith("[") or line.endswith('"') or "kzt_per_usd =" in line
    ]
    path.write_text("\n".join(given), encoding="utf-8")
    mapping = load_mapping(path)
    assert mapping.records == "data.projects"
    assert mapping.columns["investor"] == "investor.name"
    assert mapping.words("status")["договор"] == "contract"


def test_numbers_beyond_all_bounds_are_refused(tmp_path):
    write_map(tmp_path)
    path = tmp_path / "export.json"
    content = json.dumps({"data": {"projects": [record(1, sum=float("inf"))]}})
    path.write_text(content, encoding="utf-8")
    (found,) = problems(path)
    assert found.cause.startswith("invest_bn_kzt must be a finite number")

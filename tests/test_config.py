from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from geoplan.config import (
    LAND_KINDS,
    Scenario,
    default_scenario_text,
    load_norms,
    load_scenario,
    toml_value,
)
from geoplan.errors import GeoplanError, Problem

SITE = '[site]\ncrs = "EPSG:32642"\nzones = "zones.gpkg"\n'
PORTFOLIO = '[portfolio]\nprojects = "projects.csv"\n'


def load(folder: Path, text: str) -> Scenario:
    path = folder / "park.toml"
    path.write_text(text, encoding="utf-8")
    return load_scenario(path)


def refusals(folder: Path, text: str) -> list[Problem]:
    with pytest.raises(GeoplanError) as refused:
        load(folder, text)
    return list(refused.value.problems)


def test_a_scenario_of_three_lines_has_every_default(tmp_path: Path) -> None:
    scenario = load(tmp_path, SITE + PORTFOLIO)
    assert scenario.folder == tmp_path
    assert scenario.subdivide.mode == "to-measure"
    assert scenario.subdivide.plot_min_ha == 0.3
    assert scenario.allocate.objective == ("investment", "near", "area_fit")
    assert scenario.norm_profile.spz.distance_m == (1000, 500, 300, 100, 50)


def test_the_file_that_new_writes_is_read_back_with_every_setting(tmp_path: Path) -> None:
    text = default_scenario_text()
    scenario = load(tmp_path, text)
    sections = tomllib.loads(text)
    for section in ("subdivide", "allocate", "norms"):
        settings = getattr(scenario, section)
        fields = type(settings).model_fields
        assert sections[section].keys() == {k for k, f in fields.items() if f.default is not None}
        assert settings == type(settings)()


def test_settings_without_a_default_stand_in_the_new_file_with_a_value_to_uncomment(
    tmp_path: Path,
) -> None:
    text = re.sub(r"^# (\w+ = )", r"\1", default_scenario_text(), flags=re.MULTILINE)
    scenario = load(tmp_path, text)
    assert tomllib.loads(text)["subdivide"].keys() == type(scenario.subdivide).model_fields.keys()
    assert None not in scenario.subdivide.model_dump().values()


def test_a_bearing_of_half_a_turn_or_more_is_refused(tmp_path: Path) -> None:
    (problem,) = refusals(tmp_path, SITE + PORTFOLIO + "[subdivide]\naxis_deg = 180\n")
    assert problem.where == "park.toml, [subdivide] axis_deg"
    assert load(tmp_path, SITE + PORTFOLIO + "[subdivide]\naxis_deg = 0\n").subdivide.axis_deg == 0


def test_windows_editors_may_put_a_byte_order_mark_first(tmp_path: Path) -> None:
    (tmp_path / "park.toml").write_text(SITE + PORTFOLIO, encoding="utf-8-sig")
    assert load_scenario(tmp_path / "park.toml").site.crs == "EPSG:32642"


def test_an_unknown_key_is_refused_with_the_nearest_known(tmp_path: Path) -> None:
    (problem,) = refusals(tmp_path, SITE + PORTFOLIO + "[subdivide]\nplot_mn_ha = 1\n")
    assert problem.where == "park.toml, [subdivide] plot_mn_ha"
    assert "plot_min_ha" in problem.remedy


def test_an_unknown_section_is_refused_with_the_nearest_known(tmp_path: Path) -> None:
    (problem,) = refusals(tmp_path, SITE + PORTFOLIO + "[subdivde]\n")
    assert problem.where == "park.toml, [subdivde]"
    assert "'subdivide'" in problem.remedy


def test_all_faults_of_a_file_are_reported_together(tmp_path: Path) -> None:
    faults = "[subdivide]\nplot_min_ha = -1\n[allocate]\nseed = 'x'\nobjective = ['money']\n"
    wheres = [p.where for p in refusals(tmp_path, '[site]\nzones = "z"\n' + PORTFOLIO + faults)]
    assert wheres == [
        "park.toml, [site] crs",
        "park.toml, [subdivide] plot_min_ha",
        "park.toml, [allocate] objective.0",
        "park.toml, [allocate] seed",
    ]


def test_the_folder_is_not_a_setting(tmp_path: Path) -> None:
    (problem,) = refusals(tmp_path, 'folder = "/"\n' + SITE + PORTFOLIO)
    assert "unknown setting" in problem.cause


def test_to_measure_needs_a_portfolio_and_grid_does_not(tmp_path: Path) -> None:
    (problem,) = refusals(tmp_path, SITE)
    assert "[portfolio]" in problem.cause
    assert load(tmp_path, SITE + '[subdivide]\nmode = "grid"\n').portfolio is None


def test_proportions_that_no_plot_can_have_are_refused(tmp_path: Path) -> None:
    text = "[subdivide]\ndepth_to_frontage_max = 0.5\nfrontage_to_depth_max = 1.5\n"
    (problem,) = refusals(tmp_path, SITE + PORTFOLIO + text)
    assert "no plot fits both" in problem.cause


def test_an_aim_named_twice_is_refused(tmp_path: Path) -> None:
    text = '[allocate]\nobjective = ["jobs", "jobs"]\n'
    (problem,) = refusals(tmp_path, SITE + PORTFOLIO + text)
    assert "once" in problem.cause


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('"investment + 0.002 jobs"', "investment + 0.002 jobs"),
        ('"0.002*jobs+investment"', "investment + 0.002 jobs"),
        ("{ jobs = 0.002, investment = 1 }", "investment + 0.002 jobs"),
        ('"1e-3 priority + 2e+1 projects"', "0.001 priority + 20 projects"),
        ('"3 jobs"', "jobs"),
        ('"projects"', "projects"),
    ],
)
def test_an_objective_may_weigh_several_values(tmp_path: Path, written: str, read: str) -> None:
    text = f'[allocate]\nobjective = [{written}, "area_fit"]\n'
    assert load(tmp_path, SITE + PORTFOLIO + text).allocate.objective == (read, "area_fit")
    again = f"[allocate]\nobjective = {toml_value((read, 'area_fit'))}\n"
    assert load(tmp_path, SITE + PORTFOLIO + again).allocate.objective == (read, "area_fit")


@pytest.mark.parametrize(
    ("written", "cause", "remedy"),
    [
        ('"investment + 2 jbos"', "'jbos'", "'jobs'"),
        ('"investment + -1 jobs"', "above 0", "Leave out"),
        ('"0 investment + 0 jobs"', "above 0", "Leave out"),
        ('"nan investment + jobs"', "above 0", "Leave out"),
        ("{ investment = inf, jobs = 1 }", "above 0", "Leave out"),
        ("{ investment = true, jobs = 1 }", "above 0", "Leave out"),
        ('"investment + 0,002 jobs"', "above 0", "Leave out"),
        ('"investment - jobs"', "no sum", "investment + 0.002 jobs"),
        ('"jobs + jobs"', "more than once", "Add"),
        ('"investment + area_fit"', "cannot be weighed", "of its own"),
        ('"investment + 2 near"', "cannot be weighed", "of its own"),
        ('""', "no sum", "investment + 0.002 jobs"),
        ("{}", "names no objective", "investment + 0.002 jobs"),
        ("7", "7 is no objective", "investment + 0.002 jobs"),
        ('"{cause} + jobs"', "'{cause}'", "Known names"),
    ],
)
def test_a_bad_sum_is_refused_with_a_remedy(
    tmp_path: Path, written: str, cause: str, remedy: str
) -> None:
    (problem,) = refusals(tmp_path, SITE + PORTFOLIO + f"[allocate]\nobjective = [{written}]\n")
    assert problem.where == "park.toml, [allocate] objective.0"
    assert cause in problem.cause
    assert remedy in problem.remedy


def test_sums_that_say_the_same_are_one_aim(tmp_path: Path) -> None:
    text = '[allocate]\nobjective = ["jobs + investment", "investment + 1 jobs"]\n'
    (problem,) = refusals(tmp_path, SITE + PORTFOLIO + text)
    assert "once" in problem.cause


def test_an_unknown_use_is_refused_with_the_nearest(tmp_path: Path) -> None:
    (problem,) = refusals(tmp_path, SITE + PORTFOLIO + '[subdivide]\nplotted_uses = ["logistic"]\n')
    assert "'logistic'" in problem.cause
    assert "'logistics'" in problem.remedy


def test_an_unknown_norm_profile_is_refused_with_the_shipped_ones(tmp_path: Path) -> None:
    (problem,) = refusals(tmp_path, SITE + PORTFOLIO + '[norms]\nprofile = "de"\n')
    assert "'de'" in problem.cause
    assert "kz-industrial" in problem.remedy


def test_a_planner_may_bring_norms_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(
        'title = "Ours"\n[balance]\n[spz]\ndistance_m = [5, 4, 3, 2, 1]\nsensitive_sectors = []\n'
        'sensitive_against_class_max = 0\nsource = "a letter"\nconfidence = "L"\n',
        encoding="utf-8",
    )
    scenario = load(tmp_path, SITE + PORTFOLIO + '[norms]\nprofile = "ours.toml"\n')
    assert scenario.norm_profile.title == "Ours"


def test_shipped_norms_are_ranges_of_known_kinds_of_land() -> None:
    norms = load_norms("kz-industrial", Path())
    assert set(norms.balance) <= set(LAND_KINDS)
    assert all(0 <= norm.min < norm.max <= 1 and norm.source for norm in norms.balance.values())
    assert sum(norm.min for norm in norms.balance.values()) <= 1


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"[site\n", "not valid TOML"),
        ("[site]\nname = 'Сарыарқа'".encode("utf-16"), "not UTF-8"),
    ],
)
def test_a_file_that_is_no_toml_is_refused_without_a_traceback(
    tmp_path: Path, content: bytes, cause: str
) -> None:
    path = tmp_path / "park.toml"
    path.write_bytes(content)
    with pytest.raises(GeoplanError, match=cause):
        load_scenario(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GeoplanError, match="no such file"):
        load_scenario(tmp_path / "park.toml")
    with pytest.raises(GeoplanError, match="cannot be read"):
        load_scenario(tmp_path)


def test_settings_cannot_be_changed_after_they_were_checked(tmp_path: Path) -> None:
    settings: Any = load(tmp_path, SITE + PORTFOLIO).subdivide
    with pytest.raises(ValueError, match="frozen"):
        settings.plot_min_ha = 0.0


@pytest.mark.parametrize(
    ("section", "line", "where"),
    [
        ("subdivide", "plot_min_ha = true", "plot_min_ha"),
        ("subdivide", "layouts_max = true", "layouts_max"),
        ("allocate", "gap = false", "gap"),
        ("subdivide", 'split_plots = { "P-1" = [true] }', "split_plots.P-1.0"),
    ],
)
def test_true_or_false_is_no_number(tmp_path: Path, section: str, line: str, where: str) -> None:
    (problem,) = refusals(tmp_path, f"{SITE}{PORTFOLIO}[{section}]\n{line}\n")
    assert problem.where == f"park.toml, [{section}] {where}"
    assert "no true or false" in problem.cause


@pytest.mark.parametrize(
    ("section", "line", "bound"),
    [
        ("subdivide", "street_local_m = 0.5", "than or equal to 1"),
        ("subdivide", "turning_place_m = 5e-324", "than or equal to 1"),
        ("subdivide", "street_main_m = 1e308", "than or equal to 1000000000000"),
        ("subdivide", "frontage_to_depth_max = inf", "than or equal to 1000000000000"),
        ("subdivide", "precision_m = 1e-9", "than or equal to 0.000001"),
        ("subdivide", "precision_m = 2", "than or equal to 1"),
        ("allocate", "rail_reach_m = inf", "than or equal to 1000000000000"),
    ],
)
def test_figures_that_no_park_has_are_refused(
    tmp_path: Path, section: str, line: str, bound: str
) -> None:
    (problem,) = refusals(tmp_path, f"{SITE}{PORTFOLIO}[{section}]\n{line}\n")
    assert problem.where == f"park.toml, [{section}] {line.partition(' ')[0]}"
    assert f"{bound} (it is" in problem.cause


@pytest.mark.parametrize("number", ["20261123", "1e-308"])
def test_a_number_is_no_day(tmp_path: Path, number: str) -> None:
    (problem,) = refusals(tmp_path, f"{SITE}as_of = {number}\n{PORTFOLIO}")
    assert problem.where == "park.toml, [site] as_of"
    assert "such as 2026-11-23" in problem.cause


def test_other_settings_are_checked_as_those_of_a_file_are(tmp_path: Path) -> None:
    scenario = load(tmp_path, SITE + PORTFOLIO)
    changed = scenario.changed(subdivide={"street_local_m": 24}, allocate={"seed": 7})
    assert (changed.subdivide.street_local_m, changed.allocate.seed) == (24.0, 7)
    assert (scenario.subdivide.street_local_m, scenario.allocate.seed) == (20.0, 1)
    assert (changed.folder, changed.site) == (scenario.folder, scenario.site)
    again = changed.changed(subdivide={"plot_min_ha": 0.5})
    assert (again.subdivide.street_local_m, again.subdivide.plot_min_ha) == (24.0, 0.5)
    with pytest.raises(GeoplanError) as refused:
        scenario.changed(subdivide={"street_lokal_m": 24, "plot_min_ha": -1}, alocate={"seed": 1})
    text = str(refused.value)
    assert "street_local_m" in text
    assert "plot_min_ha" in text
    assert "allocate" in text

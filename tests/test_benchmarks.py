"""The benchmarks run without peers, and their figures agree with each other and with the land."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import shapely

from benchmarks.contenders.plain_divider import divided
from benchmarks.figures import access_share, division_figures, list_figures
from benchmarks.land import CRS, concave_zone, lattice, unequal_areas_ha
from benchmarks.measure import measured
from benchmarks.report import Check, Row, checks_table, table
from benchmarks.subdivision import OURS, SCALE_JOB, checks, contenders

SMALL_HA = 40.0


@pytest.fixture(scope="module")
def equal_rows() -> list[Row]:
    job = {"case": "equal", "zone": concave_zone(SMALL_HA).wkt, "crs": CRS, "plot_ha": 1.0}
    rows = []
    for contender in contenders(repeats=1, peers=False):
        run = measured(contender.command, job, repeats=1, limit_s=120.0)
        assert run.fault == ""
        assert run.result is not None
        plots = shapely.from_wkb(run.result["plots"])
        figures = division_figures(job, run.result)
        figures["plots_ha"] = shapely.area(plots).sum() / 1e4
        figures["overlap_ha"] = figures["plots_ha"] - shapely.union_all(plots).area / 1e4
        rows.append(Row("small", contender.name, run.wall_s, run.memory_gb, figures))
    return rows


def test_no_contender_plots_more_land_than_there_is_or_any_of_it_twice(equal_rows):
    for row in equal_rows:
        assert 0.5 * SMALL_HA < row.figures["plots_ha"] < SMALL_HA * (1 + 1e-6), row.contender
        assert row.figures["overlap_ha"] == pytest.approx(0, abs=1e-6), row.contender


def test_what_geoplan_hands_over_is_a_coverage_of_the_zone_with_access_to_every_plot(equal_rows):
    figures = next(row for row in equal_rows if row.contender == OURS).figures
    assert figures["coverage_valid"]
    assert figures["lost_share"] < 1e-9
    assert figures["access_share"] == 1.0
    assert 0 < figures["rectangularity_p5"] <= figures["rectangularity_median"] <= 1


def test_the_plain_divider_makes_equal_plots_of_the_whole_zone(equal_rows):
    figures = next(row for row in equal_rows if row.contender != OURS).figures
    assert figures["plots"] == round(SMALL_HA)
    assert figures["plots_ha"] == pytest.approx(SMALL_HA)
    assert figures["near_wanted_share"] == 1.0


def test_a_process_is_not_charged_for_the_memory_of_who_measures_it():
    mine = np.ones(60_000_000)
    nothing = "import pathlib, sys; pathlib.Path(sys.argv[2]).write_text('{}')"
    run = measured((sys.executable, "-c", nothing), {}, repeats=1, limit_s=60.0)
    assert run.fault == ""
    assert 0 < run.memory_gb < 0.25 * mine.nbytes / 1e9


def test_a_measured_process_took_time_and_memory(equal_rows):
    assert all(row.median_s > 0 and row.memory_gb > 0 for row in equal_rows)


def test_a_scale_run_counts_checks_and_accounts_for_its_plots():
    job = SCALE_JOB | {"plots": 150, "write": False}
    command = (sys.executable, "-m", "benchmarks.contenders.geoplan_runs")
    run = measured(command, job, repeats=1, limit_s=120.0)
    assert run.result is not None, run.fault
    assert 100 < run.result["count"] < 200
    assert run.result["coverage_valid"]
    assert run.result["lost_share"] < 1e-9


def test_a_process_that_fails_says_why_and_one_that_lasts_is_ended():
    failed = measured(
        (sys.executable, "-c", "raise SystemExit('no land')"), {}, repeats=2, limit_s=60
    )
    assert (failed.result, failed.fault, len(failed.wall_s)) == (None, "no land", 1)
    endless = "import time; time.sleep(60)"
    ended = measured((sys.executable, "-c", endless), {}, repeats=1, limit_s=1.0)
    assert (ended.result, ended.fault) == (None, "not done in 1 s")


def test_a_plot_missing_doubled_or_in_two_parts_is_not_delivered():
    two_parts = shapely.union(shapely.box(0, 0, 50, 100), shapely.box(60, 0, 110, 100))
    good = shapely.box(0, 0, 100, 101)
    plots = np.array([good, two_parts, good, good])
    figures = list_figures(plots, [0, 1, 2, 2], [1.0, 1.0, 1.0, 1.0], 1e6)
    assert (figures["asked"], figures["delivered"]) == (4, 1)
    assert figures["error_max"] == pytest.approx(0.01)


def test_only_the_larger_of_two_networks_gives_access():
    plots = np.array([shapely.box(0, 0, 10, 10), shapely.box(100, 0, 110, 10)])
    streets = shapely.union(shapely.box(0, -5, 10, 0), shapely.box(90, -8, 120, 0))
    assert access_share(plots, streets, shapely.box(0, -8, 120, 10)) == 0.5


def test_the_plain_divider_cuts_a_list_exactly():
    land = concave_zone(30.0)
    areas = [20_000.0, 50_000.0, 80_000.0, 150_000.0 - (3e5 - land.area)]
    assert [part.area for part in divided(land, areas)] == pytest.approx(areas, rel=1e-6)


def test_lattice_zones_share_edges_and_have_the_size_for_their_plots():
    zones = lattice(900, plot_ha=1.0, zone_plots=100)
    assert len(zones) == 9
    assert shapely.coverage_is_valid(zones.geometry.to_numpy())
    assert zones.area.sum() / 1e4 == pytest.approx(900 / 0.85, rel=0.05)


def test_lists_repeat_and_stay_within_their_bounds():
    areas = unequal_areas_ha(150, 250.0)
    assert areas == unequal_areas_ha(150, 250.0)
    assert min(areas) >= 0.4
    assert max(areas) <= 15.0


def test_tables_show_every_figure_and_every_fault():
    rows = [
        Row("case", OURS, (1.0, 3.0, 2.0), 0.5, {"plots": 12}, {"divide": 0.25}),
        Row("case", "peer", (9.0,), 0.1, fault="panicked | loudly"),
    ]
    lines = table(rows)
    assert lines[2] == "| case | geoplan | 2 | 3 | divide 0.25 | 0.5 | 12 |"
    assert lines[3] == "| case | peer | 9 | 1 | panicked / loudly | 0.1 | - |"
    assert checks_table([Check("case", "a_share", 0.5, ">= 1", met=False)])[2].endswith("**no** |")


def test_checks_hold_geoplan_alone_to_its_goals(equal_rows):
    found = {check.figure: check for check in checks(equal_rows, [])}
    assert found["access_share"].met
    assert found["lost_share"].met
    assert found["coverage_valid"].value is True
    failed = Row("1,000,000 plots", OURS, (600.0,), 3.0, fault="not done in 600 s")
    assert [check.met for check in checks([], [failed])] == [False]

"""Figures of allocation benchmarks are those of the plan, and a bound that is wrong is seen."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.allocation import (
    BOUND,
    GAP_S,
    OURS,
    QUICK_S,
    Case,
    cases_of,
    checks,
    measured_case,
    minutes,
    wrong,
)
from benchmarks.gap import Gap, files_of, gap_figures, gap_program, published, read_gap
from benchmarks.report import Check, Part, Row, Section, page, recorded

SMALL = {"case": "gap", "kind": "C", "units": 3, "projects": 12, "seed": 1, "limit_s": 20.0}


def row(who: str, value: int, bound: int, faults: int = 0) -> Row:
    figures = {"value": value, "faults": faults, "bound": bound, "gap_percent": 0.0}
    return Row("small", who, (1.0,), 0.1, figures, {"solve": 1.0})


def test_cost_and_faults_are_counted_from_the_instance() -> None:
    gap = Gap(np.array([[1.0, 2, 3], [4, 5, 6]]), np.full((2, 3), 2.0), np.array([3.0, 9.0]))
    assert gap_figures(gap, [0, 1, 1]) == {"placed": 3, "value": 12, "faults": 0}
    assert gap_figures(gap, [0, 0, 1]) == {"placed": 3, "value": 9, "faults": 1}
    assert gap_figures(gap, [0, -1, 1]) == {"placed": 2, "value": 7, "faults": 1}


def test_published_files_are_read_and_a_torn_one_is_refused(tmp_path) -> None:
    (tmp_path / "c9").write_text("2 3\n1 2 3\n4 5 6\n7 8 9\n10 11 12\n13 14\n")
    gap = read_gap(tmp_path / "c9")
    assert gap.cost.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert gap.load.tolist() == [[7, 8, 9], [10, 11, 12]]
    assert gap.capacity.tolist() == [13, 14]
    (tmp_path / "torn").write_text("2 3\n1 2 3\n4 5 6\n7 8 9\n10 11 12\n13\n")
    with pytest.raises(ValueError, match="numbers for 2 x 3"):
        read_gap(tmp_path / "torn")
    head = "instance,agents,items,best_lower_bound,best_known_min,source\n"
    (tmp_path / "index.csv").write_text(head + "x/d9,20,100,1,7,s\nx/tiny,5,15,1,2,s\n")
    assert files_of(tmp_path) == [("d9", str(tmp_path / "x/d9"), 7)]
    found = cases_of(only="d9", quick=True, gap_folder=tmp_path)
    assert [(case.known, case.job["limit_s"]) for case in found] == [(7, QUICK_S)]


def test_the_program_for_peers_has_every_pair_once() -> None:
    gap = Gap(*published("D", 3, 5, 1))
    lp = gap_program(gap)
    assert (lp.num_col_, lp.num_row_) == (15, 8)
    assert list(lp.col_cost_)[:3] == gap.cost[:, 0].tolist()
    assert list(lp.a_matrix_.value_)[1:6:2] == gap.load[:, 0].tolist()


def test_geoplan_proves_a_small_instance_and_its_cost_is_the_instances_own() -> None:
    case = Case("small", SMALL, gap_most=0.0)
    (ours,) = measured_case(case, ())
    assert ours.fault == ""
    assert ours.figures["bound"] == ours.figures["value"] > 0
    assert ours.figures["placed"] == 12
    assert all(check.met for check in checks([case], [ours]))


@pytest.mark.parametrize(("bound", "faults", "met"), [(90, 0, True), (96, 0, False), (96, 1, True)])
def test_a_bound_beyond_a_valid_value_of_a_peer_is_wrong(bound, faults, met) -> None:
    case = Case("small", SMALL)
    found = checks([case], [row(OURS, 100, bound), row("peer", 95, 80, faults)])
    assert [check.met for check in found if check.figure == BOUND] == [met]
    assert bool(wrong(found)) is not met
    known = checks([Case("small", SMALL, known=bound - 1)], [row(OURS, 100, bound)])
    assert wrong(known)


def test_time_is_told_before_it_is_spent() -> None:
    cases = [Case("a", SMALL), Case("b", SMALL, peers=False)]
    assert minutes(cases, peers=True) == pytest.approx((4 + 1) * 20 / 60)
    assert minutes(cases, peers=False) == pytest.approx(2 * 20 / 60)
    assert minutes(cases_of(only="", quick=False, gap_folder=None), peers=True) <= 50
    assert GAP_S == 60


def test_a_page_is_made_of_what_was_recorded() -> None:
    ours = row(OURS, 5, 5)
    part = Part(
        "Allocation",
        "legend",
        [Section("S", [ours], ["remark"])],
        [Check("small", "gap, %", 0.0, "<= 0", met=True)],
    )
    record = json.loads(json.dumps(recorded(part, date="d", machine={"cores": "2"}, versions={})))
    text = "\n".join(page(record))
    for wanted in ("Allocation, measured d", "cores 2", "legend", "## S", "remark", "| yes |"):
        assert wanted in text

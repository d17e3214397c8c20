"""Whatever is done to an input, it ends in a plan or in a refusal that says why."""

from __future__ import annotations

import dataclasses
import os
import warnings
from collections import Counter
from pathlib import Path

import pytest

import geoplan

from ..small_park import content, write_park
from .__main__ import KINDS, made
from .cases import Case, Cell
from .judged import ended, sound
from .parks import write_base, write_formats
from .watched import outcomes

COUNT = int(os.environ.get("GEOPLAN_FUZZ", "400"))
WHOLE_EACH = 4
LIMIT_S = 60.0


def nothing_known(base: str) -> frozenset[str]:
    return frozenset()


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the sound inputs."""
    folder = tmp_path_factory.mktemp("fuzz") / "bases"
    with warnings.catch_warnings():
        # Shapefiles cut names, and geodatabases store whole numbers as others.
        warnings.filterwarnings("ignore", "Normalized/laundered field name", RuntimeWarning)
        warnings.filterwarnings("ignore", "Field .* of type Integer64", RuntimeWarning)
        write_formats(folder)
    return folder


def test_every_spoilt_input_ends_in_a_plan_or_in_a_refusal(bases: Path) -> None:
    tasks = [(number, number // len(KINDS) % WHOLE_EACH == 0) for number in range(COUNT)]
    workers = os.cpu_count() or 1
    found = list(
        outcomes(tasks, bases, bases.parent / "log", workers=min(workers, 8), limit_s=LIMIT_S)
    )
    faults = [
        f"{o.number} {o.ending.result}: {o.what}\n{o.ending.told}"
        for o in found
        if o.ending.is_fault
    ]
    assert not faults, "\n\n".join(faults)
    assert sorted(outcome.number for outcome in found) == list(range(COUNT))
    results = Counter(outcome.ending.result for outcome in found)
    # Were all refused, or none, the inputs would be no test.
    assert min(results["plan"], results["read"], results["refused"]) > COUNT / 100


def test_a_number_makes_the_same_input_each_time(bases: Path, tmp_path: Path) -> None:
    for number in range(len(KINDS)):
        one, first = made(number, bases, tmp_path / f"{number}-1")
        two, second = made(number, bases, tmp_path / f"{number}-2")
        assert one.what == two.what
        if one.base not in {"xlsx", "given", "plain"}:  # books and packages are dated
            assert content(first) == content(second)


def test_a_case_that_takes_too_long_is_told(bases: Path) -> None:
    (outcome,) = outcomes([(0, True)], bases, bases.parent / "log", workers=1, limit_s=0.0)
    assert outcome.ending.result == "hang"


def test_a_value_that_is_lost_on_the_way_is_found(tmp_path: Path) -> None:
    write_base(tmp_path / "plain")
    for written, result in (("1.2", "read"), (" 1.20 ", "read"), ("7.5", "silent")):
        case = Case("plain", "nothing", changed=Cell("projects", 0, "area_ha", written, True))
        ending = ended(case, tmp_path / "plain", nothing_known, whole=False)
        assert ending.result == result


def test_land_that_a_plan_has_lost_is_found(tmp_path: Path) -> None:
    plan = geoplan.run(write_park(tmp_path))
    assert sound(plan, plan.projects).result == "plan"
    lost = dataclasses.replace(plan, land=plan.land.iloc[1:])
    assert sound(lost, plan.projects).result == "unsound"
    silent = dataclasses.replace(plan, allocation=plan.allocation.assign(reason=""))
    assert sound(silent, plan.projects).result == "unsound"

"""Draw docs/pictures/*.svg and write the figures below them into the pages that show them.

Run ``make docs`` after a change of how land is divided or allocated, or of the pages' cases. Every
picture and every figure comes from a run of geoplan; the same runs give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib as mpl
import pictured_allocation
import pictured_cases
from draw_allocation import ALLOCATED, ALLOCATION_LEGEND, drawn_allocation
from draw_charts import curves, targets
from draw_land import LEGEND, drawn
from matplotlib.figure import Figure
from picture_sheet import STYLE, WIDTH_PT, legend, save
from pictured_figures import bound_of, figures_of, work_of
from pictured_land import PICTURES, Case, Topic, planned
from pictured_page import block, page_with, refusal

import geoplan

HERE = Path(__file__).parent
Plans = dict[tuple[object, ...], geoplan.Plan]


def make() -> None:
    """Plan all cases, draw them, and write their figures into the pages."""
    folder = HERE / PICTURES
    folder.mkdir(exist_ok=True)
    plans: Plans = {}
    legend(LEGEND).save(folder / "legend.svg")
    blocks = {name: _made(topic, plans) for name, topic in pictured_cases.TOPICS.items()}
    with TemporaryDirectory() as scratch:
        blocks["refused"] = refusal(pictured_cases.REFUSED, Path(scratch))
    _write(pictured_cases.PAGE, blocks)
    legend(ALLOCATION_LEGEND).save(folder / "legend-allocation.svg")
    blocks = {name: _made(topic, plans) for name, topic in pictured_allocation.TOPICS.items()}
    blocks["work limit"] = _curves(plans)
    _write(pictured_allocation.PAGE, blocks)
    named = "".join(page.read_text(encoding="utf-8") for page in HERE.glob("*.md"))
    for picture in folder.glob("*.svg"):
        if f"({PICTURES}/{picture.name})" not in named:
            picture.unlink()


def _write(page: str, blocks: Mapping[str, str]) -> None:
    text = (HERE / page).read_text(encoding="utf-8")
    (HERE / page).write_text(page_with(text, blocks), encoding="utf-8")


def _plan(case: Case, plans: Plans) -> geoplan.Plan:
    if case.run not in plans:
        with TemporaryDirectory() as scratch:
            plans[case.run] = planned(case, Path(scratch))
    return plans[case.run]


def _made(topic: Topic, plans: Plans) -> str:
    told = {}
    for case in topic.cases:
        plan = _plan(case, plans)
        told[case.name] = figures_of(case, plan)
        save(picture(case, plan, width_pt=WIDTH_PT[topic.columns]), HERE / case.picture)
    return block(topic.cases, told, columns=topic.columns)


def picture(case: Case, plan: geoplan.Plan, *, width_pt: float) -> Figure:
    """Draw what a case shows of its plan."""
    if case.shows == "targets":
        return targets(plan, width_pt=width_pt)
    draw = drawn_allocation if case.shows in ALLOCATED else drawn
    return draw(case, plan, width_pt=width_pt).figure


def _curves(plans: Plans) -> str:
    """Draw what more work gains, by seed."""
    limits = pictured_allocation.WORK_LIMITS
    work: dict[int, list[float]] = {}
    bounds: set[float] = set()
    for seed, cases in pictured_allocation.WORK.items():
        made = [_plan(case, plans) for case in cases]
        work[seed] = [work_of(plan) for plan in made]
        bounds |= {round(bound_of(plan, "transport")) for plan in made}
    name = f"{PICTURES}/work_limit.svg"
    save(curves(limits, work, max(bounds), width_pt=2 * WIDTH_PT[2]), HERE / name)
    rows = [
        f"| seed {seed} | " + " | ".join(f"{each:,.0f}" for each in of_seed) + " |"
        for seed, of_seed in work.items()
    ]
    head = "| `work_limit` | " + " | ".join(map(str, limits)) + " |"
    said = f"Transport work in t km a year. Proven: no answer is below {max(bounds):,}."
    table = "\n".join([head, "|---" * (len(limits) + 1) + "|", *rows])
    return f"![Transport work by work_limit, for two seeds]({name})\n\n{said}\n\n{table}\n"


@contextmanager
def styled() -> Iterator[None]:
    """Draw in the pages' own style, whatever the machine's is."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        yield


if __name__ == "__main__":
    with styled():
        make()

"""The pages of pictures show every setting, and their figures are those of a run today."""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path

import pytest

from geoplan.config import (
    AllocateSettings,
    NormSettings,
    PortfolioSettings,
    SiteSettings,
    SubdivideSettings,
    TargetSettings,
)
from geoplan.config.programme import ProgrammeSettings
from geoplan.proposals import accepting

DOCS = Path(__file__).parent.parent / "docs"
sys.path.append(str(DOCS))

import pictured_allocation  # noqa: E402
import pictured_cases  # noqa: E402
from make_pictures import picture, styled  # noqa: E402
from picture_sheet import WIDTH_PT, save  # noqa: E402
from pictured_cases import ACCEPTED, CADASTRE, REFUSED  # noqa: E402
from pictured_figures import figures_of, work_of  # noqa: E402
from pictured_land import Case, Topic, planned  # noqa: E402
from pictured_page import BLOCK, refusal  # noqa: E402

TOPICS: Mapping[str, Mapping[str, Topic]] = {
    module.PAGE: module.TOPICS for module in (pictured_cases, pictured_allocation)
}
TEXTS = {page: (DOCS / page).read_text(encoding="utf-8") for page in TOPICS}
BLOCKS = {
    page: {found[2]: found[0] for found in BLOCK.finditer(text)} for page, text in TEXTS.items()
}
BESIDES = {pictured_cases.PAGE: {"refused"}, pictured_allocation.PAGE: {"work limit"}}
"""Parts that are made of other things than pictures side by side."""
CASES = {
    case.name: (page, case)
    for page, topics in TOPICS.items()
    for topic in topics.values()
    for case in topic.cases
}
TABLES = {
    "allocate": AllocateSettings,
    "norms": NormSettings,
    "portfolio": PortfolioSettings,
    "programme": ProgrammeSettings,
    "site": SiteSettings,
    "targets": TargetSettings,
}
"""Tables whose settings stand on the page of allocation."""
SVG = "{http://www.w3.org/2000/svg}"
SVG_MAX_BYTES = 60_000
FRESH = (
    *("to-measure", "merged-2", "frontage_min_m-50", "axis_deg-60"),
    *("objective-jobs-area-fit", "wishes-investment-near-area-fit", "apart_m-350"),
    *("sent-investment-transport-area-fit", "move-price-1", "profile-own", "build_years-4"),
)


def pictures(text: str) -> list[str]:
    """Paths of the pictures in Markdown, in their order."""
    return re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text)


def unpictured(page: str) -> dict[str, str]:
    """Settings of which the page says why no picture shows them, with the sentence."""
    part = TEXTS[page].split("## Settings that no picture shows\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^- `([^`]+)`: (.+?\.)$", part, re.DOTALL | re.MULTILINE))


def printed(page: str, case: Case) -> str:
    """What stands below a case's picture on the page."""
    (block,) = (block for block in BLOCKS[page].values() if f"({case.picture})" in block)
    rows = [line.strip("| ").split(" | ") for line in block.splitlines() if line.startswith("|")]
    at = [
        (r, c) for r, row in enumerate(rows) for c, cell in enumerate(row) if case.picture in cell
    ]
    ((row, column),) = at
    return rows[row + 1][column]


@pytest.mark.parametrize("setting", SubdivideSettings.model_fields)
def test_each_setting_has_pictures_of_two_values_or_a_sentence_why_not(setting: str) -> None:
    page = pictured_cases.PAGE
    assert f"`{setting}`" in TEXTS[page]
    shown = [topic for topic in TOPICS[page].values() if setting in topic.settings]
    assert len(shown) + (setting in unpictured(page)) == 1
    for topic in shown:
        values = {
            case.mode if setting == "mode" else repr(case.settings.get(setting))
            for case in topic.cases
        }
        assert len(values) > 1


SETTINGS = [(table, name) for table, model in TABLES.items() for name in model.model_fields]


@pytest.mark.parametrize(("table", "name"), SETTINGS)
def test_each_other_setting_has_pictures_of_two_values_or_a_sentence_why_not(
    table: str, name: str
) -> None:
    page = pictured_allocation.PAGE
    setting = f"{table}.{name}"
    assert f"`{name}`" in TEXTS[page] or f"`[{table}] {name}`" in TEXTS[page]
    shown = [topic for topic in TOPICS[page].values() if setting in topic.settings]
    curved = setting in pictured_allocation.CURVED
    assert bool(shown or curved) != (f"[{table}] {name}" in unpictured(page))
    for topic in shown:
        values = {
            name in case.land.layers if table == "site" else repr(case.tables[table].get(name))
            for case in topic.cases
            if table == "site" or table in case.tables
        }
        assert len(values) > 1


def test_sentences_why_no_picture_shows_a_setting_are_of_settings_that_there_are() -> None:
    known = {f"[{table}] {name}" for table, name in SETTINGS}
    assert set(unpictured(pictured_allocation.PAGE)) <= known
    assert set(unpictured(pictured_cases.PAGE)) <= set(SubdivideSettings.model_fields)


@pytest.mark.parametrize("page", TOPICS)
def test_each_topic_has_its_place_on_the_page_and_its_pictures_stand_there(page: str) -> None:
    assert set(BLOCKS[page]) == {*TOPICS[page], *BESIDES[page]}
    for name, topic in TOPICS[page].items():
        assert pictures(BLOCKS[page][name]) == [case.picture for case in topic.cases]


def test_pictures_are_those_that_the_pages_name() -> None:
    there = sorted(f"{path.parent.name}/{path.name}" for path in DOCS.glob("pictures/*"))
    other = (DOCS / "architecture.md").read_text(encoding="utf-8")
    assert there == sorted(pictures("".join(TEXTS.values())) + pictures(other))


@pytest.mark.parametrize("picture", pictures("".join(TEXTS.values())))
def test_a_picture_is_small_well_formed_and_does_not_say_when_it_was_made(picture: str) -> None:
    content = (DOCS / picture).read_bytes()
    assert len(content) <= SVG_MAX_BYTES
    root = ET.fromstring(content)  # noqa: S314  # a file of this repository
    assert root.tag == f"{SVG}svg"
    assert len(root.findall(f".//{SVG}path")) > 3
    assert b"<dc:date>" not in content


@pytest.mark.parametrize("name", FRESH)
def test_figures_on_the_page_are_those_of_a_fresh_run(name: str, tmp_path: Path) -> None:
    page, case = CASES[name]
    assert printed(page, case) == "<br>".join(figures_of(case, planned(case, tmp_path)))


@pytest.mark.parametrize("name", FRESH)
def test_pictures_are_as_they_are_made_byte_for_byte(name: str, tmp_path: Path) -> None:
    page, case = CASES[name]
    (topic,) = (topic for topic in TOPICS[page].values() if case in topic.cases)
    with styled():
        made = picture(case, planned(case, tmp_path), width_pt=WIDTH_PT[topic.columns])
        save(made, tmp_path / "made.svg")
    assert (tmp_path / "made.svg").read_bytes() == (DOCS / case.picture).read_bytes()


def test_figures_of_the_curves_are_those_of_a_fresh_run(tmp_path: Path) -> None:
    seed, limit = pictured_allocation.SEEDS[0], pictured_allocation.WORK_LIMITS[1]
    (row,) = re.findall(
        rf"^\| seed {seed} \| (.+) \|$", BLOCKS[pictured_allocation.PAGE]["work limit"], re.M
    )
    case = pictured_allocation.WORK[seed][pictured_allocation.WORK_LIMITS.index(limit)]
    assert row.split(" | ")[1] == f"{work_of(planned(case, tmp_path)):,.0f}"


def test_a_wider_gap_changes_no_plan_of_the_page(tmp_path: Path) -> None:
    for number, given in enumerate((pictured_allocation.SCARCE, pictured_allocation.APART)):
        held = []
        for gap in (0.005, 0.5):
            folder = tmp_path / f"{number}-{gap}"
            folder.mkdir()
            plan = planned(
                Case("gap", "", given, "given", tables={"allocate": {"gap": gap}}), folder
            )
            held.append(plan.allocation["plot_ids"].tolist())
        assert held[0] == held[1]


@pytest.mark.parametrize("merged_at_most", ACCEPTED)
def test_what_is_accepted_in_the_pictures_is_what_is_proposed(
    merged_at_most: int, tmp_path: Path
) -> None:
    settings = {"merge_plots_max": merged_at_most}
    plan = planned(Case("given", "", CADASTRE, "given", settings), tmp_path)
    given = SubdivideSettings(mode="given", **settings)
    accepted = SubdivideSettings(mode="given", **ACCEPTED[merged_at_most])
    assert accepting(given, plan.proposals["setting"]) == accepted


def test_the_message_for_a_bow_tie_is_that_of_a_fresh_run(tmp_path: Path) -> None:
    assert refusal(REFUSED, tmp_path) in BLOCKS[pictured_cases.PAGE]["refused"]


def test_land_that_can_be_used_is_not_quoted_as_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="was planned"):
        refusal(CASES["grid"][1], tmp_path)

"""The page of pictures shows every setting, and its figures are those of a run today."""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from geoplan.config import SubdivideSettings
from geoplan.proposals import accepting

DOCS = Path(__file__).parent.parent / "docs"
sys.path.append(str(DOCS))

from pictured_cases import ACCEPTED, CADASTRE, REFUSED, TOPICS  # noqa: E402
from pictured_land import BLOCK, PAGE, Case, figures_of, planned, refusal  # noqa: E402

TEXT = (DOCS / PAGE).read_text(encoding="utf-8")
BLOCKS = {found[2]: found[0] for found in BLOCK.finditer(TEXT)}
CASES = {case.name: case for topic in TOPICS.values() for case in topic.cases}
UNPICTURED = TEXT.split("## Settings that no picture shows\n")[1].split("\n## ")[0]
SVG = "{http://www.w3.org/2000/svg}"
SVG_MAX_BYTES = 60_000
FRESH = ("to-measure", "merged-2", "frontage_min_m-50", "axis_deg-60")


def pictures(text: str) -> list[str]:
    """Paths of the pictures in Markdown, in their order."""
    return re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text)


def printed(case: Case) -> str:
    """What stands below a case's picture on the page."""
    (block,) = (block for block in BLOCKS.values() if f"({case.picture})" in block)
    rows = [line.strip("| ").split(" | ") for line in block.splitlines() if line.startswith("|")]
    at = [
        (r, c) for r, row in enumerate(rows) for c, cell in enumerate(row) if case.picture in cell
    ]
    ((row, column),) = at
    return rows[row + 1][column]


@pytest.mark.parametrize("setting", SubdivideSettings.model_fields)
def test_each_setting_has_pictures_of_two_values_or_a_sentence_why_not(setting: str) -> None:
    assert f"`{setting}`" in TEXT
    shown = [topic for topic in TOPICS.values() if setting in topic.settings]
    said = re.findall(rf"^- `{setting}`: (.+?\.)$", UNPICTURED, re.DOTALL | re.MULTILINE)
    assert len(shown) + len(said) == 1
    for topic in shown:
        values = {
            case.mode if setting == "mode" else repr(case.settings.get(setting))
            for case in topic.cases
        }
        assert len(values) > 1


def test_each_topic_has_its_place_on_the_page_and_its_pictures_stand_there() -> None:
    assert set(BLOCKS) == {*TOPICS, "refused"}
    for name, topic in TOPICS.items():
        assert pictures(BLOCKS[name]) == [case.picture for case in topic.cases]


def test_pictures_are_those_that_the_page_names() -> None:
    there = sorted(f"{path.parent.name}/{path.name}" for path in DOCS.glob("pictures/*"))
    other = (DOCS / "architecture.md").read_text(encoding="utf-8")
    assert there == sorted(pictures(TEXT) + pictures(other))


@pytest.mark.parametrize("picture", pictures(TEXT))
def test_a_picture_is_small_well_formed_and_does_not_say_when_it_was_made(picture: str) -> None:
    content = (DOCS / picture).read_bytes()
    assert len(content) <= SVG_MAX_BYTES
    root = ET.fromstring(content)  # noqa: S314  # a file of this repository
    assert root.tag == f"{SVG}svg"
    assert len(root.findall(f".//{SVG}path")) > 3
    assert b"<dc:date>" not in content


@pytest.mark.parametrize("name", FRESH)
def test_figures_on_the_page_are_those_of_a_fresh_run(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    assert printed(case) == "<br>".join(figures_of(case, planned(case, tmp_path)))


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
    assert refusal(REFUSED, tmp_path) in BLOCKS["refused"]


def test_land_that_can_be_used_is_not_quoted_as_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="was planned"):
        refusal(CASES["grid"], tmp_path)

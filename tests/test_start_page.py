"""The pages that lead a newcomer to a plan: their files are written and their commands run."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import openpyxl
import pytest

from .small_park import geoplan as command

DOCS = Path(__file__).parents[1] / "docs"
PAGES = ("start.md", "ru/start.md")
WORKBOOK = "applicants.xlsx"
COMMANDS = {"check", "plan", "explain", "compare", "export", "map"}


def written_files(text: str, folder: Path) -> None:
    """Write the files that a page shows, the table of applicants as a workbook below notes."""
    for name, content in re.findall(r"`([\w.-]+)`:\n\n```\w*\n(.*?)```", text, re.DOTALL):
        encoding = "cp1251" if name == "outline.csv" else "utf-8"
        (folder / name).write_text(content, encoding=encoding)
    rows = [line.strip("|\n ").split("|") for line in re.findall(r"^\|.*$", text, re.MULTILINE)]
    book = openpyxl.Workbook()
    for row in (["Реестр заявок"], [], rows[0], *rows[2:]):
        book.active.append([cell.strip() for cell in row])
    book.save(folder / WORKBOOK)


@pytest.mark.parametrize("page", PAGES)
def test_a_newcomer_gets_from_the_files_on_the_page_to_a_plan(page: str, tmp_path: Path) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    written_files(text, tmp_path)
    blocks = re.findall(r"```\n(geoplan .*?)```", text, re.DOTALL)
    lines = [shlex.split(line)[1:] for block in blocks for line in block.splitlines()]
    assert {words[0] for words in lines} == COMMANDS
    for words in lines:
        if "out/wider" in words and words[0] == "plan":
            scenario = tmp_path / "park.toml"
            wider = scenario.read_text(encoding="utf-8") + "\n[subdivide]\nstreet_local_m = 24\n"
            scenario.write_text(wider, encoding="utf-8")
        if "--from" in words:
            scenario.write_text(wider.replace("= 24", "= 20"), encoding="utf-8")
        ended = command(*words, folder=tmp_path)
        assert (ended.returncode, words) == (0, words), ended.stderr
    plan = json.loads((tmp_path / "out/park/manifest.json").read_text(encoding="utf-8"))
    assert plan["name"] in {"Park A", "Парк A"}
    allocation = (tmp_path / "out/park/allocation.csv").read_text(encoding="utf-8")
    assert "unplaced" not in allocation
    assert (tmp_path / "out/for-contractors/plan.dxf").exists()
    assert (tmp_path / "out/free-plots.html").exists()


def test_every_picture_on_the_pages_is_there() -> None:
    for page in PAGES:
        for target in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", (DOCS / page).read_text("utf-8")):
            assert (DOCS / page).parent.joinpath(target).exists()

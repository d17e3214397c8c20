"""What the docs say is what the code does."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from geoplan.cli import app

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])


def _reference():
    spec = importlib.util.spec_from_file_location("make_reference", ROOT / "docs/make_reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["layers.md", "settings.md", "norms.md"])
def test_reference_pages_are_those_that_the_code_makes(page):
    assert (ROOT / "docs" / page).read_text(encoding="utf-8") == _reference().PAGES[page]()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_the_docs_exist_with_their_options(page):
    commands = get_command(app).commands
    blocks = re.findall(r"```\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    for line in re.findall(r"^ *geoplan (.+)$", "\n".join(blocks), re.MULTILINE):
        words = shlex.split(line, comments=True)
        command = commands[words[0]]
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("-")} <= known | {"-h"}, line


def test_every_command_stands_in_the_guide():
    guide = (ROOT / "docs/guide.md").read_text(encoding="utf-8")
    for name in get_command(app).commands:
        assert f"geoplan {name}" in guide

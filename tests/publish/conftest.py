"""Published files, opened in the browser."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import pytest
from playwright.sync_api import Browser, Page


@dataclass
class Opened:
    """A page that a browser shows, and what it complained of or asked for."""

    page: Page
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture
def open_file(browser: Browser) -> Iterator[Callable[..., Opened]]:
    """Return a function that opens a file from the disk, offline, and watches it."""
    contexts = []

    def opening(path: Path, *, width: int = 1400, height: int = 900) -> Opened:
        context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
        contexts.append(context)
        opened = Opened(context.new_page())
        opened.page.on("pageerror", lambda error: opened.errors.append(str(error)))
        opened.page.on(
            "console",
            lambda said: opened.errors.append(said.text) if said.type == "error" else None,
        )
        opened.page.on("request", lambda request: opened.requests.append(request.url))
        opened.page.goto(path.as_uri())
        return opened

    yield opening
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def linked() -> re.Pattern[str]:
    """Return what finds attributes that load something from elsewhere."""
    return re.compile(r"""(?:src|href)\s*=\s*["']?(?!data:)[^\s>"']+""", re.IGNORECASE)


@pytest.fixture(scope="session")
def made() -> ModuleType:
    """The script that brings catalogues up to date."""
    path = Path(__file__).parents[2] / "docs" / "make_words.py"
    spec = importlib.util.spec_from_file_location("make_words", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

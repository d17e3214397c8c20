"""Programmes' pages, opened in a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from geoplan.publish.programme.page import programme_html
from geoplan.publish.programme.tables import ProgrammeTables

from ..conftest import Opened
from .sample import sample_programme

OPEN_MS = 60_000
WAIT_MS = 10_000


@pytest.fixture(scope="session")
def programme() -> ProgrammeTables:
    """Return a programme of four parks."""
    return sample_programme()


@pytest.fixture
def open_page(open_file: Callable[..., Opened], tmp_path: Path) -> Callable[..., Opened]:
    """Return a function that writes a programme's page, opens it and waits until it is drawn."""

    def opening(
        programme: ProgrammeTables, *, width: int = 1400, height: int = 900, **options: object
    ) -> Opened:
        path = tmp_path / "programme.html"
        path.write_text(programme_html(programme, **options), encoding="utf-8")
        opened = open_file(path, width=width, height=height)
        opened.page.set_default_timeout(WAIT_MS)
        opened.page.wait_for_selector("[data-ready], [role=alert]", timeout=OPEN_MS)
        assert opened.page.locator("[data-ready]").count(), opened.errors
        return opened

    return opening

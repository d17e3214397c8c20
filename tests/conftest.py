"""One browser for all tests that open a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return headless Chromium without a network."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield running
        running.close()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that takes the pictures of the bundled park's map anew."""
    parser.addoption("--renew-pictures", action="store_true", help="Take pictures of maps anew.")

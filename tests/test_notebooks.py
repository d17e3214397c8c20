"""Every notebook runs from top to bottom, shows what it promises, and is kept without outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


def outputs(notebook: Any) -> list[Any]:
    """Return the last output of each code cell that has any."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [cell.outputs[-1] for cell in cells if cell.outputs]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_kept_without_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_run_and_show_tables_and_maps(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}
    ).execute()
    shown = outputs(notebook)
    pages = [output["data"].get("text/html", "") for output in shown if "data" in output]
    assert any("<table" in page for page in pages)
    # A map is the self-contained page itself, in a frame of its own.
    assert any("iframe" in page and "geoplan_code" in page for page in pages)

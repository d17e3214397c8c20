"""Arguments and options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Mode(StrEnum):
    """Ways to get plots, as ``[subdivide] mode`` names them."""

    TO_MEASURE = "to-measure"
    GRID = "grid"
    GIVEN = "given"


class Audience(StrEnum):
    """For whom a map is made."""

    PLANNER = "planner"
    INVESTOR = "investor"


class Language(StrEnum):
    """Languages of maps, by their codes."""

    ENGLISH = "en"
    RUSSIAN = "ru"
    KAZAKH = "kk"


ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="Scenario file (*.toml).")]
PlanFolder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of a saved plan.")]
OutFolder = Annotated[
    Path, typer.Option("--out", "-o", help="Folder to write, replaced as a whole.")
]
HtmlFile = Annotated[Path, typer.Option("--out", "-o", help="HTML file to write.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]

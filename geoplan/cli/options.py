"""What commands have in common: options, words to choose from, exit codes."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from geoplan.pipeline import Plan

EXIT_AUDIT = 1
EXIT_INPUT = 2
EXIT_INTERRUPTED = 130


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


def ended_as_audited(made: Plan) -> None:
    """Let a command end with its own exit code if the audit of its plan has found errors."""
    if (made.findings["severity"] == "error").any():
        raise typer.Exit(EXIT_AUDIT)

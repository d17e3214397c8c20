"""``geoplan register``: a national platform's export, brought into a portfolio."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import geoplan
from geoplan.cli.options import AsJson, Quiet
from geoplan.telling import progress, show, told


def register(
    export: Annotated[
        Path | None,
        typer.Argument(metavar="EXPORT", help="JSON, CSV, XLSX, ODS, Parquet or GeoPackage."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="CSV", help="Portfolio to write, and what it is compared to."
        ),
    ] = None,
    columns: Annotated[
        Path | None,
        typer.Option("--columns", metavar="MAP.toml", help="Fields, words, units of EXPORT."),
    ] = None,
    since: Annotated[
        Path | None,
        typer.Option(
            "--since",
            metavar="PORTFOLIO",
            help="Compare with this portfolio, or a saved plan's folder, instead of --out.",
        ),
    ] = None,
    changes: Annotated[
        Path | None,
        typer.Option("--changes", metavar="CSV", help="Write who changed, field by field."),
    ] = None,
    example: Annotated[
        Path | None,
        typer.Option("--example", metavar="MAP.toml", help="Write a map to fill in; no more."),
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Bring a national platform's export into a portfolio: new, changed, withdrawn.

    What the export lacks or leaves blank stays as the planner typed it. Whom it no longer
    has is withdrawn, so that planning again frees the plot. The same export twice changes
    nothing.
    """
    if example is not None:
        from geoplan.intake.mapping import write_example_mapping

        show({"map": str(write_example_mapping(example))}, as_json)
        return
    if export is None or out is None:
        raise typer.BadParameter("EXPORT and --out are needed, or --example alone.")
    with progress(quiet) as tell:
        made = geoplan.register(
            export, out=out, columns=columns, since=since, changes=changes, progress=tell
        )
    result = {
        "portfolio": str(out),
        "projects": len(made.portfolio),
        "summary": made.summary,
        "new": made.new,
        "changed": made.changed,
        "withdrawn": made.withdrawn,
        "returned": made.returned,
        "unchanged": made.unchanged,
    }
    if as_json:
        result["changes"] = made.changes.to_dict("records")
    show(result | {"findings": told(made.findings)}, as_json)

"""Commands on plans that were saved: look at them, hand them over, explain."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import geoplan
from geoplan.cli.options import EXIT_AUDIT, AsJson, Audience, HtmlFile, Language, PlanFolder, Quiet
from geoplan.telling import progress, say, show, told


def audit(folder: PlanFolder, quiet: Quiet = False, as_json: AsJson = False) -> None:
    """Check a saved plan against all that must hold of it."""
    with progress(quiet) as tell:
        tell("read")
        made = geoplan.load(folder)
        tell("audit")
        findings = made.audited()
    show({"folder": str(folder), "findings": told(findings)}, as_json)
    if any(finding.severity == "error" for finding in findings):
        raise typer.Exit(EXIT_AUDIT)


def draw(
    folder: PlanFolder,
    out: HtmlFile,
    audience: Annotated[
        Audience,
        typer.Option(
            "--audience",
            help="investor: what is on offer alone; projects, applicants, demands and findings are"
            " not in the file.",
        ),
    ] = Audience.PLANNER,
    language: Annotated[
        Language, typer.Option("--language", help="In which the page opens; its reader may change.")
    ] = Language.ENGLISH,
    against: Annotated[
        Path | None,
        typer.Option(
            "--compare", metavar="FOLDER", help="An earlier plan, to lay beside this one."
        ),
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Draw the map of a saved plan once more, for whom and in which language you choose."""
    with progress(quiet) as tell:
        tell("read")
        made, other = geoplan.load(folder), None if against is None else geoplan.load(against)
        tell(f"write {out.name}")
        written = made.save_map(
            out, against=other, audience=audience.value, language=language.value
        )
    show({"map": str(written)}, as_json)


def report(
    folder: PlanFolder, out: HtmlFile, quiet: Quiet = False, as_json: AsJson = False
) -> None:
    """Write the report of a saved plan once more."""
    with progress(quiet) as tell:
        tell(f"write {out.name}")
        written = geoplan.load(folder).save_report(out)
    show({"report": str(written)}, as_json)


def export(
    folder: PlanFolder,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder to write, replaced as a whole.")
    ] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format", help="gpkg, shp, kml, parquet, dxf, pdf, points, xlsx; repeat it."
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="ADDRESS",
            help="'postgresql://user@host/database|schema': all layers and tables into PostGIS;"
            " instead of files, or besides them.",
        ),
    ] = None,
    paper: Annotated[str, typer.Option("--paper", help="Of pdf: A4 to A0.")] = "A3",
    scale: Annotated[int | None, typer.Option("--scale", metavar="N", help="Of pdf, 1:N.")] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Hand a saved plan over to contractors, surveyors and investors, in formats of theirs.

    Files go into a folder (--out with --format), layers and tables into PostGIS (--to).
    """
    from geoplan.publish.exports.postgis import check_database

    if out is None and (formats or database is None):
        raise typer.BadParameter("name a folder with --out, or a database with --to alone.")
    if database is not None:
        check_database(database)
    with progress(quiet) as tell:
        tell("read")
        made = geoplan.load(folder)
        done: dict[str, object] = {}
        if out is not None:
            made.export(out, formats=formats or [], paper=paper, scale=scale, progress=tell)
            done = {"folder": str(out), "formats": list(dict.fromkeys(formats or []))}
        if database is not None:
            done["database"] = made.to_postgis(database, progress=tell)
    show(done, as_json)


def compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="Folder of a saved plan.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Folder of another one.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="HTML file to write, for reading and paper.")
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Put two saved plans side by side: figures, land, streets, capacities, and who has moved."""
    from geoplan.publish import write_text
    from geoplan.publish.comparison import comparison_html, comparison_record, comparison_text

    with progress(quiet) as tell:
        tell("read")
        compared = geoplan.compare(first, second)
        if out is not None:
            tell(f"write {out.name}")
            write_text(comparison_html(compared), out)
    if as_json:
        show(comparison_record(compared), as_json)
    else:
        say(comparison_text(compared))


def explain(
    folder: PlanFolder,
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="Project id.")],
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Say where a project stands, or why it has no plot."""
    with progress(quiet) as tell:
        tell("read")
        explained = geoplan.load(folder).explained(project)
    show(explained, as_json)

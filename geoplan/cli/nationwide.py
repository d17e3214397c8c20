"""``geoplan programme``: many parks that share one portfolio."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import geoplan
from geoplan.cli.options import EXIT_AUDIT, AsJson, Language, OutFolder, Quiet
from geoplan.telling import programme_summary, progress, show


def programme(
    programme: Annotated[
        Path, typer.Argument(metavar="PROGRAMME", help="Programme file (*.toml).")
    ],
    out: OutFolder,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler",
            metavar="ADDRESS",
            help="Dask scheduler, tcp://host:port, on whose workers parks are planned; else in"
            " this process. The result is the same.",
        ),
    ] = None,
    plans: Annotated[
        bool, typer.Option("--plans/--no-plans", help="Write each park's whole plan, too.")
    ] = True,
    language: Annotated[
        Language, typer.Option("--language", help="In which programme.html opens.")
    ] = Language.ENGLISH,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Plan many parks that share one portfolio: who goes to which park, and where in it."""
    from geoplan.publish.directory import check_replaceable

    check_replaceable(out)
    with progress(quiet) as tell:
        made = geoplan.programme(programme, scheduler=scheduler, progress=tell)
        made.save(
            out,
            plans=plans,
            language=language.value,
            progress=lambda name: tell(f"write {name}"),
        )
    show(programme_summary(made) | {"folder": str(out)}, as_json)
    if made.parks["errors"].any():
        raise typer.Exit(EXIT_AUDIT)

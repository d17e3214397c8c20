"""The command ``programme``: a thin line over :func:`geoplan.programme`, like those in the cli."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import geoplan
from geoplan.telling import programme_summary, progress, show

EXIT_AUDIT = 1


def programme(
    programme: Annotated[
        Path, typer.Argument(metavar="PROGRAMME", help="Programme file (*.toml).")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write, replaced as a whole.")],
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
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Plan many parks that share one portfolio: who goes to which park, and where in it."""
    from geoplan.publish.directory import check_replaceable

    check_replaceable(out)
    with progress(quiet) as tell:
        made = geoplan.programme(programme, scheduler=scheduler, progress=tell)
        made.save(out, plans=plans, progress=lambda name: tell(f"write {name}"))
    show(programme_summary(made) | {"folder": str(out)}, as_json)
    if made.parks["errors"].any():
        raise typer.Exit(EXIT_AUDIT)

"""The command ``register``: a thin line over :func:`geoplan.register`, like those in the cli."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

import geoplan
from geoplan.telling import show


def register(
    export: Annotated[
        Path, typer.Argument(metavar="EXPORT", help="Export of a platform: JSON, CSV, XLSX...")
    ],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="Portfolio to write (*.csv), or to bring up to date."),
    ],
    columns: Annotated[
        Path | None,
        typer.Option("--columns", metavar="FILE", help="TOML: their columns and words, and ours."),
    ] = None,
    since: Annotated[
        Path | None,
        typer.Option(
            "--since",
            metavar="FOLDER",
            help="Saved plan that changes are told against; else the portfolio as it was.",
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Bring the portfolio up to date with a national platform's export.

    The same export twice changes nothing. Who is missing in it is kept as withdrawn; columns that
    it does not have stay as they are.
    """
    if not quiet:
        print(f"geoplan: read {export.name}", file=sys.stderr, flush=True)
    answer = geoplan.register(export, out, columns=columns, since=since)
    rows = answer.changes[answer.changes["change"] == "changed"].to_dict("records")
    result = {
        "portfolio": str(out),
        "projects": len(answer.projects),
        **{each: answer.count(each) for each in ("new", "changed", "withdrawn")},
        "new_ids": answer.ids("new"),
        "changed_fields": [f"{r['project_id']} {r['field']}: {r['from'] or 'none'} -> "
                           f"{r['to'] or 'none'}" for r in rows],
        "withdrawn_ids": answer.ids("withdrawn"),
    }  # fmt: skip
    show(result, as_json)

"""Files of a layer: one path, or a list of them that are read one after another."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer
from pydantic_core import PydanticCustomError

from geoplan.config.objectives import REFUSED
from geoplan.database import without_password


def files_named(value: object) -> object:
    """Take a path, or a list of different paths; a list of one is that path.

    >>> files_named(["a.gpkg", "b.gpkg"])
    ('a.gpkg', 'b.gpkg')
    >>> files_named(["a.gpkg"])
    'a.gpkg'
    """
    if isinstance(value, str):
        return value
    named = tuple(value) if isinstance(value, list | tuple) else ()
    remedy = 'Write zones = "a.gpkg", or zones = ["a.gpkg", "b.gpkg"].'
    if not named or not all(isinstance(file, str) for file in named):
        cause = "it must be a file, or a list of files."
    elif len(set(named)) < len(named):
        twice = sorted({file for file in named if named.count(file) > 1})
        cause, remedy = f"files are named twice: {', '.join(twice)}.", "Name each file once."
    else:
        return named[0] if len(named) == 1 else named
    raise PydanticCustomError(REFUSED, "{cause}", {"cause": cause, "remedy": remedy})


def told(named: str | tuple[str, ...]) -> str | tuple[str, ...]:
    """Write files down; tables in databases without a password."""
    if isinstance(named, str):
        return without_password(named)
    return tuple(without_password(file) for file in named)


Files = Annotated[str | tuple[str, ...], BeforeValidator(files_named), PlainSerializer(told)]
"""A path or a table in a database, or several; what is written down has no password."""


def each_file(named: str | tuple[str, ...]) -> tuple[str, ...]:
    """List the files of a layer."""
    return (named,) if isinstance(named, str) else named

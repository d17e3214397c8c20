"""What pages on paper have in common: how they are rendered, and what a cell may hold."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import jinja2
import pandas as pd

from geoplan.publish.cells import writable
from geoplan.publish.formats import number, percent, signed


def rendered(template: str, **content: Any) -> str:
    """Fill a page, which needs no script and no other file, and may load none.

    All that it shows is escaped: an applicant's word is only text.

    Parameters
    ----------
    template : str
        File name of a template that lies beside this module. It extends ``page.html`` (blocks
        ``title``, ``header`` and ``main``), and ``macros.html`` has what several pages draw alike.
    **content
        What the template names. None shows as nothing.

    Returns
    -------
    str

    Raises
    ------
    jinja2.UndefinedError
        If the template names what `content` lacks.
    """
    return _environment().get_template(template).render(**content)


def records(table: pd.DataFrame) -> list[dict[Any, Any]]:
    """Return rows as mappings, with None where there is no value."""
    return table.astype(object).where(table.notna(), None).to_dict("records")


@cache
def _environment() -> jinja2.Environment:
    files = resources.files("geoplan.publish")
    environment = jinja2.Environment(
        autoescape=True,
        finalize=_shown,
        loader=jinja2.FunctionLoader(lambda name: files.joinpath(name).read_text("utf-8")),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"number": number, "percent": percent, "signed": signed}
    return environment


def _shown(value: Any) -> Any:
    """Turn what a cell of the page holds into text, unless it is markup already."""
    if hasattr(value, "__html__"):
        return value
    return "" if value is None else writable(str(value))

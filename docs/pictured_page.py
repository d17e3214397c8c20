"""What stands on a page of pictures: pictures side by side, and their figures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pictured_land import Case, planned

import geoplan

BLOCK = re.compile(r"(<!-- pictures: ([a-z_ -]+) -->\n).*?(<!-- end -->)", re.DOTALL)
"""A part of the page that is made, by its topic."""


def block(cases: tuple[Case, ...], told: Mapping[str, list[str]], *, columns: int) -> str:
    """Set pictures side by side in a table, each with its label above and figures below."""
    rows: list[list[str]] = []
    for first in range(0, len(cases), columns):
        row = cases[first : first + columns]
        rows.append([case.label for case in row])
        rows.append([f"![{_alt(case, told[case.name])}]({case.picture})" for case in row])
        rows.append(["<br>".join(told[case.name]) for case in row])
    lines = ["| " + " | ".join(row + [""] * (columns - len(row))) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * columns, *lines[1:], ""])


def _alt(case: Case, told: list[str]) -> str:
    return re.sub(r"[`*\[\]]", "", f"{case.label}: {', '.join(told)}").replace("<br>", " ")


def refusal(case: Case, folder: Path) -> str:
    """Plan land that cannot be used, and quote why.

    Raises
    ------
    ValueError
        If it can be used after all.
    """
    try:
        planned(case, folder)
    except geoplan.GeoplanError as error:
        return "".join(f"> {line}\n" for line in str(error).splitlines())
    raise ValueError(f"{case.name} was planned")


def page_with(page: str, blocks: Mapping[str, str]) -> str:
    """Replace the made parts of the page."""
    return BLOCK.sub(lambda found: found[1] + blocks[found[2]] + found[3], page)

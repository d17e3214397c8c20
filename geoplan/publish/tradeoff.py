"""The trade-off of two objectives, for people: as text, a CSV table, JSON and one HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoplan.errors import GeoplanError, Problem
from geoplan.publish.cells import writable, write_csv
from geoplan.publish.columns import objective_titled
from geoplan.publish.directory import replacing
from geoplan.publish.formats import number, percent
from geoplan.publish.geopackage import GEOPACKAGE_NAME
from geoplan.publish.manifest import MANIFEST_NAME, WRITTEN_BY, write_manifest, written_files
from geoplan.publish.page import records, rendered
from geoplan.publish.plane import drawn_on_plane

if TYPE_CHECKING:
    import pandas as pd

    from geoplan.curve import Curve

TABLE_NAME, PAGE_NAME = "tradeoff.csv", "tradeoff.html"


def check_free_of_plan(directory: Path) -> None:
    """Refuse the folder of a plan, which a curve would replace.

    Raises
    ------
    GeoplanError
        If a plan was saved there.
    """
    if GEOPACKAGE_NAME in (written_files(directory) or ()):
        cause = "it holds a plan, which would be lost."
        raise GeoplanError([Problem(str(directory), cause, "Name another folder.")])


def save_tradeoff(curve: Curve, directory: Path) -> Path:
    """Write ``tradeoff.csv``, ``tradeoff.html`` and ``manifest.json``, all or nothing.

    The same curve gives the same bytes.

    Parameters
    ----------
    curve : Curve
    directory : Path
        Replaced as a whole; see :func:`geoplan.publish.directory.replacing`.

    Raises
    ------
    GeoplanError
        If the folder holds a plan, or cannot be replaced.
    """
    check_free_of_plan(directory)
    files = sorted([TABLE_NAME, PAGE_NAME, MANIFEST_NAME])
    signed = {"name": curve.name, "notice": curve.notice, "written_by": WRITTEN_BY, "files": files}
    with replacing(directory) as folder:
        write_csv(_named(curve), folder / TABLE_NAME)
        page = folder / PAGE_NAME
        page.write_text(tradeoff_html(curve), encoding="utf-8", newline="\n")
        write_manifest({**curve.manifest, **signed}, folder / MANIFEST_NAME)
    return directory


def tradeoff_html(curve: Curve) -> str:
    """Write the curve as one HTML page, in the look of the report; it needs no other file.

    Parameters
    ----------
    curve : Curve

    Returns
    -------
    str
        The same curve gives the same page.
    """
    points = _with_rates(curve)
    return rendered(
        "tradeoff.html",
        name=curve.name,
        notice=curve.notice,
        between=curve.between,
        axes=[_axis(aim) for aim in curve.between],
        units=[objective_titled(aim)[1] for aim in curve.between],
        digits=[_digits(curve.points[f"value_{side}"]) for side in "ab"],
        points=points,
        plane=drawn_on_plane(curve.points, curve.limit) if len(curve.points) > 1 else None,
        dropped=_dropped(curve),
    )


def tradeoff_record(curve: Curve) -> dict[str, Any]:
    """Arrange a curve for JSON: each table as a list of rows, null where nothing is known."""
    return {
        "park": curve.name,
        "between": list(curve.between),
        "units": [objective_titled(aim)[1] for aim in curve.between],
        "points": records(curve.points),
        "limit": records(curve.limit),
        "dropped": records(curve.dropped),
    }


def tradeoff_text(curve: Curve) -> str:
    """Write a curve as lines of text, in columns."""
    first, second = (_axis(aim) for aim in curve.between)
    rows = [("point", first, "gap", second, "gap", "placed", "solved")]
    digits = [_digits(curve.points[f"value_{side}"]) for side in "ab"]
    rows += [
        (
            str(row["point"]),
            number(row["value_a"], digits[0]),
            percent(row["gap_a"], 2),
            number(row["value_b"], digits[1]),
            percent(row["gap_b"], 2),
            str(row["placed"]),
            str(row["status"]),
        )
        for row in curve.points.to_dict("records")
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = [
        "  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    return writable("\n".join([*lines, "", _dropped(curve)]).strip())


def _axis(aim: str) -> str:
    """Name an objective with its unit, unless that is the name."""
    title, unit = objective_titled(aim)
    return title if not unit or unit == title.lower() else f"{title}, {unit}"


def _dropped(curve: Curve) -> str:
    """Say what was found and is not on the curve.

    A curve of one point says what that means.
    """
    said = []
    if len(curve.points) == 1:
        said.append("One allocation is best at both: there is nothing to trade.")
    counts = curve.dropped["why"].value_counts()
    repeated, dominated = (int(counts.get(why, 0)) for why in ("repeated", "dominated"))
    if repeated or dominated:
        total = len(curve.points) + repeated + dominated
        said.append(
            f"Of {total} answers {repeated} repeated another one, and {dominated} were dropped"
            " because another one is as good at one objective and better at the other."
        )
    return " ".join(said)


def _named(curve: Curve) -> pd.DataFrame:
    """Call the columns of the table by their objectives."""
    first, second = curve.between
    names: dict[str, str] = {}
    for side, aim in (("a", first), ("b", second)):
        names |= {
            f"value_{side}": aim,
            f"bound_{side}": f"{aim} bound",
            f"gap_{side}": f"{aim} gap",
            f"floor_{side}": f"{aim} floor",
            f"added_{side}": f"added to best {aim}",
            f"left_out_{side}": f"left out of best {aim}",
            f"elsewhere_{side}": f"elsewhere than at best {aim}",
        }
    values = curve.points.select_dtypes("float").columns
    return curve.points.assign(**{name: curve.points[name].round(6) for name in values}).rename(
        columns=names
    )


def _with_rates(curve: Curve) -> list[dict[Any, Any]]:
    """Return the points, each with what a unit of the first objective brings that it gives up."""
    table = curve.points
    rate = table["value_b"].diff() / -table["value_a"].diff()
    return records(table.assign(rate=rate))


def _digits(values: pd.Series[float]) -> int:
    """Decimals that a column needs: none for counts."""
    return 0 if bool((values == values.round()).all()) and float(values.max()) >= 100 else 2

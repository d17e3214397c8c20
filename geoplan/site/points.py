"""Surveyors' lists of turning points: a table with a point in each row, made into land.

Columns are known by their headers. Points are joined in the order of the file, each plot and
each contour for itself; a contour within another is a hole of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from geoplan.errors import shown
from geoplan.site.findings import Remarks
from geoplan.site.grids import GK_EPSG, Grid, in_place, prefix_words, recognised, zone_prefix
from geoplan.site.rings import Ring, geometry_of, outermost, split_where_closed
from geoplan.site.schema import CONTRACTS

_NUMBERING = {"number", "north"}  # a lone N heads numbers where no column says east
_HEADER_MAX = 60  # letters; notes are longer
_WGS84 = "EPSG:4326"
_WORD = re.compile(r"[^\W\d_]+|№")
_NUMBER = re.compile(r"[+-]?\d+(?:\s\d{3})*(?:[.,]\d+)?")
# Beginnings of words that name a role; single letters count as whole words alone.
_STEMS = {
    "north": ("север", "солтүстік", "north"),
    "east": ("восток", "восточ", "шығыс", "east"),
    "lat": ("широт", "ендік", "lat"),
    "lon": ("долгот", "бойлық", "lon"),
    "contour": ("контур", "contour", "ring", "кольц"),
    "point": ("точк", "нүкте", "point", "vertex", "пункт"),
    "plot": ("участ", "учаск", "телім", "plot", "parcel", "zone", "зон", "аймақ", "объект"),
}
# Cyrillic letters stand for the Latin ones that they look like.
_LETTERS = {"x": "x", "х": "x", "y": "y", "у": "y", "n": "north", "e": "east", "№": "number"}


@dataclass(frozen=True)
class Headers:
    """Columns of a list by what they mean; None where there is none.

    Attributes
    ----------
    first, second : str
        Coordinates: northing and easting where `told`, else the columns X and Y.
    told : bool
        Whether the headers say which is the northing.
    degrees : bool
        Whether they are latitude and longitude.
    plot, contour, point : str or None
    key : str
        Name that the ids of plots have in the layer made.
    needed : frozenset of str
        Columns of the list that the layer takes.
    """

    first: str
    second: str
    told: bool
    degrees: bool
    plot: str | None
    contour: str | None
    point: str | None
    key: str
    needed: frozenset[str]


def meanings(name: str) -> set[str]:
    """Tell what a column's header may mean.

    Examples
    --------
    >>> sorted(meanings("Координата Х (север), м"))
    ['north', 'x']
    >>> sorted(meanings("№ точки"))
    ['number', 'point']
    """
    found = set()
    for word in _WORD.findall(name.casefold()):
        if word in _LETTERS:
            found.add(_LETTERS[word])
        found |= {role for role, stems in _STEMS.items() if word.startswith(stems)}
    return found


def names_points(cells: Sequence[str]) -> int:
    """Count the cells of a row that name columns of such a list; 0 without both coordinates."""
    roles = [meanings(cell) for cell in cells if len(cell) <= _HEADER_MAX]
    found = set().union(*roles) if roles else set()
    pairs = ({"x", "y"}, {"north", "east"}, {"lat", "lon"})
    return sum(bool(role) for role in roles) if any(pair <= found for pair in pairs) else 0


def headers(
    columns: Sequence[str], mapping: Mapping[str, str], key: str, remarks: Remarks
) -> Headers | None:
    """Find the columns of a list of points.

    Parameters
    ----------
    columns : sequence of str
    mapping : mapping of str to str
        ``[columns.<layer>]``: overrules what headers say.
    key : str
        The layer's column of ids.
    remarks : Remarks
        Takes down headers of which several could be meant.

    Returns
    -------
    Headers or None
        None when the table is no such list, or after a problem.
    """
    roles = {name: meanings(name) for name in columns}
    pair = _pair(roles, mapping, remarks)
    if pair is None:
        return None
    first, second, told, degrees = pair
    left = [name for name in columns if name not in {first, second}]

    def one(role: str) -> str | None:
        named = [name for name in left if role in roles[name]]
        if mapping.get(role) in columns:
            return mapping[role]
        return named[0] if named else None

    point, contour = one("point"), one("contour")
    own = mapping.get(key, key)
    plots = [n for n in left if "plot" in roles[n] and n not in {point, contour}]
    plot = own if own in columns else (plots[0] if plots else None)
    numbers = [n for n in left if roles[n] and roles[n] <= _NUMBERING and n not in {plot, contour}]
    point = point or (numbers[0] if numbers else None)
    name = own if own in columns else key
    taken = {*CONTRACTS[remarks.layer].columns.columns, *mapping.values()}
    needed = frozenset(taken & set(columns))
    return Headers(first, second, told, degrees, plot, contour, point, name, needed)


def _pair(
    roles: Mapping[str, set[str]], mapping: Mapping[str, str], remarks: Remarks
) -> tuple[str, str, bool, bool] | None:
    """Return northing and easting, whether headers tell them apart, and whether in degrees."""
    mapped = [mapping.get("north"), mapping.get("east")]
    if any(mapped):
        if mapped[0] in roles and mapped[1] in roles:
            return str(mapped[0]), str(mapped[1]), True, False
        cause = f"[columns.{remarks.layer}] north and east are not both columns of the list."
        remarks.problem(cause, f"Its columns are: {shown(roles, most=20)}.")
        return None
    for first, second in (("north", "east"), ("lat", "lon"), ("x", "y")):
        norths = [name for name, found in roles.items() if first in found]
        easts = [name for name, found in roles.items() if second in found]
        if not norths or not easts:
            continue
        if len(norths) > 1 or len(easts) > 1 or norths == easts:
            cause = f"coordinates could be in several columns: {shown([*norths, *easts])}."
            remedy = f"Name them under [columns.{remarks.layer}]: north and east."
            remarks.problem(cause, remedy)
            return None
        return norths[0], easts[0], first != "x", first == "lat"
    return None


def layer_of_points(
    table: pd.DataFrame, found: Headers, crs: pyproj.CRS, path: Path, remarks: Remarks
) -> gpd.GeoDataFrame | None:
    """Make a layer from a list of points.

    Parameters
    ----------
    table : DataFrame
        A row for each point, as text; RangeIndex.
    found : Headers
    crs : pyproj.CRS
        The working CRS.
    path : Path
        The file; its stem is the id of land in a list that names none.
    remarks : Remarks
        Takes down what was decided, and the records at fault.

    Returns
    -------
    GeoDataFrame or None
        One row for each plot, in the order of the file, with the list's other columns; in the
        CRS that the list is in. None after a problem.
    """
    before = len(remarks.problems.found)
    table = _without_column_numbers(table, remarks)
    rows, plots = _points(table, found, remarks)
    if len(remarks.problems.found) > before:
        return None
    if not len(rows):
        remarks.problem("the list has no points.", "Give each point a row with both coordinates.")
        return None
    polygons = "Polygon" in CONTRACTS[remarks.layer].geometry
    if plots is None and not polygons:
        cause = "no column tells which points belong to which record."
        remarks.problem(cause, f"Add a column '{CONTRACTS[remarks.layer].key}'.")
        return None
    plots = None if plots is None else plots.fillna(path.stem)
    grid = _grid(rows, found, crs, remarks)
    if grid is None:
        return None
    north, east = ("a", "b") if grid.north_first else ("b", "a")
    rows = rows.rename(columns={north: "north", east: "east"})
    rings = _rings(rows, plots, path.stem, split=found.contour is None and polygons)
    if plots is None and len(rings) > 1:
        rings = outermost(rings)
    owner = {row: ring.plot for ring in rings for row in ring.rows.tolist()}
    rows["plot"] = [owner[row] for row in rows.index]
    return _layer(table, rows, rings, found, grid.crs, remarks)


def _without_column_numbers(table: pd.DataFrame, remarks: Remarks) -> pd.DataFrame:
    """Leave out a first row that only counts the columns, as in printed tables."""
    counted = [str(number) for number in range(1, len(table.columns) + 1)]
    if not len(table) or table.iloc[0].fillna("").astype("str").str.strip().tolist() != counted:
        return table
    remarks.info("column-numbers", "the row below the header counts the columns; it was left out.")
    return table.iloc[1:].reset_index(drop=True)


def _rings(
    rows: pd.DataFrame, plots: pd.Series[str] | None, stem: str, *, split: bool
) -> list[Ring]:
    """Return contours in the order of the file, each with the plot that it is in."""
    plot = pd.Series(stem, index=rows.index) if plots is None else plots
    keys = pd.MultiIndex.from_arrays([plot, rows["contour"]])
    codes, _ = pd.factorize(keys)
    places = rows[["east", "north"]].to_numpy(dtype=np.float64)
    names, contours = rows["point"].to_numpy(dtype=object), rows["contour"].to_numpy(dtype=object)
    plot_of, row_of = plot.to_numpy(dtype=object), rows.index.to_numpy(dtype=np.int64)
    order = np.argsort(codes, kind="stable")
    rings = []
    for part in np.split(order, np.flatnonzero(np.diff(codes[order])) + 1):
        turns = split_where_closed(places[part]) if split else np.ones(len(part), dtype=int)
        for turn in range(1, int(turns.max()) + 1):
            at = part[turns == turn]
            contour = str(turn) if split else str(contours[at[0]])
            rings.append(Ring(str(plot_of[at[0]]), contour, places[at], names[at], row_of[at]))
    return rings


def _quoted(texts: Iterable[str]) -> str:
    return shown(f"'{text}'" for text in texts)


def _numbers(cells: pd.Series[str]) -> pd.Series[float]:
    """Read coordinates with a decimal comma or point, and spaces between thousands."""
    text = cells.fillna("").str.strip()
    plain = text.str.replace(r"\s", "", regex=True).str.replace(",", ".", regex=False)
    numbers = pd.to_numeric(plain.where(text.str.fullmatch(_NUMBER.pattern)), errors="coerce")
    return numbers.astype("float64").where(lambda values: values.abs() < np.inf)


def _points(
    table: pd.DataFrame, found: Headers, remarks: Remarks
) -> tuple[pd.DataFrame, pd.Series[str] | None]:
    """Return the rows with coordinates, and the plot that each is in, where the list says so."""
    text = table.fillna("").astype("str")
    written = text[[found.first, found.second]].apply(lambda cells: cells.str.strip() != "")
    rows = pd.DataFrame({"a": _numbers(text[found.first]), "b": _numbers(text[found.second])})
    there = written.any(axis=1)
    wrong = there & rows.isna().any(axis=1)
    if wrong.any():
        cells = text.loc[wrong, [found.first, found.second]].agg("; ".join, axis=1)
        remarks.problem(
            f"coordinates are missing or no numbers: {_quoted(cells)}.",
            "Write both, with a decimal comma or point and no unit; degrees as decimals.",
            [f"record {row + 1}" for row in np.flatnonzero(wrong)],
        )
    plots = _down(text[found.plot]) if found.plot else _titles(text, there)
    titles = _joined(text[~there])
    if len(titles):
        remarks.info(
            "list-titles",
            f"rows without coordinates were read as "
            f"{'notes' if found.plot or plots is None else 'titles'}: {_quoted(titles)}.",
        )
    rows = rows[there]
    rows["point"] = text.loc[there, found.point].str.strip() if found.point else ""
    rows["contour"] = _down(text[found.contour])[there] if found.contour else ""
    return rows, None if plots is None else plots[there]


def _joined(text: pd.DataFrame) -> pd.Series[str]:
    """Join the cells of each row to one text."""
    rows = [" ".join(" ".join(cells).split()) for cells in text.to_numpy(dtype=object)]
    return pd.Series(rows, index=text.index, dtype="str")


def _down(cells: pd.Series[str]) -> pd.Series[str]:
    """Fill blanks from above: merged cells hold their text in the first row."""
    stripped = cells.str.strip()
    return stripped.mask(stripped == "").ffill().fillna("")


def _titles(text: pd.DataFrame, there: pd.Series[bool]) -> pd.Series[str] | None:
    """Name plots after the rows without coordinates that stand above their points."""
    titles = _joined(text).mask(there).ffill()
    # Notes at the end, below all points, name nothing.
    return titles if titles[there].notna().any() else None


def _grid(rows: pd.DataFrame, found: Headers, crs: pyproj.CRS, remarks: Remarks) -> Grid | None:
    """Decide order of axes and CRS, report both, and refuse points that contradict them."""
    first, second = rows["a"].to_numpy(dtype=float), rows["b"].to_numpy(dtype=float)
    if found.degrees:
        wgs84 = pyproj.CRS(_WGS84)
        grid = Grid(wgs84, True, None, in_place(first, second, wgs84, crs))
    else:
        grid = recognised(first, second, crs, orders=(True,) if found.told else (True, False))
    if not grid.fits:
        _note_unfit(first, second, found, crs, remarks)
        return None
    if not grid.placed.all():
        ids = [f"record {row + 1}" for row in rows.index[~grid.placed]]
        cause = f"points do not lie with the others, which are in '{grid.crs.name}'."
        remarks.problem(cause, "Check their order of X and Y, zone prefix and figures.", ids)
        return None
    north, east = (found.first, found.second) if grid.north_first else (found.second, found.first)
    why = "so its headers say" if found.told else "so its numbers lie in the park's region"
    if grid.either:
        why = "as surveyors write it; the numbers would fit the other order as well"
    taken = f"'{north}' was read as north and '{east}' as east, {why}"
    remarks.info("axis-order", f"{taken}; in '{grid.crs.name}'{prefix_words(grid)}.")
    return grid


def _note_unfit(
    first: np.ndarray, second: np.ndarray, found: Headers, crs: pyproj.CRS, remarks: Remarks
) -> None:
    at = f"({first[0]:.10g}, {second[0]:.10g})"
    cause = f"points such as {at} do not lie where '{crs.name}' is used, nor in a zone beside it."
    remedy = "Check [site] crs, the figures and the zone prefix of the eastings."
    zone = zone_prefix(second)
    if zone is not None and not found.degrees:
        remedy = f"{remedy} As written, they are in zone {zone}: EPSG:{GK_EPSG + zone}."
    if found.degrees:
        turned = bool(in_place(second, first, pyproj.CRS(_WGS84), crs).all())
    else:
        turned = recognised(second, first, crs, orders=(True,)).fits
    if found.told and turned:
        cause = f"{cause} Taken the other way round, they would."
        remedy = f"Exchange the headers '{found.first}' and '{found.second}'."
    remarks.problem(cause, remedy)


def _layer(
    table: pd.DataFrame,
    rows: pd.DataFrame,
    rings: Sequence[Ring],
    found: Headers,
    crs: pyproj.CRS,
    remarks: Remarks,
) -> gpd.GeoDataFrame | None:
    """Join each plot's points, and keep the columns that are one value in each plot."""
    contract = CONTRACTS[remarks.layer]
    before = len(remarks.problems.found)
    grouped: dict[str, list[Ring]] = {}
    for ring in rings:
        grouped.setdefault(ring.plot, []).append(ring)
    geometries = [geometry_of(parts, contract.geometry, remarks) for parts in grouped.values()]
    if len(remarks.problems.found) > before:
        return None
    columns, changing = _kept(table, rows, list(grouped), found)
    if not _may_change(changing, found, remarks):
        return None
    columns = {found.key: list(grouped), **columns}
    count = f"{len(rows)} points were joined to {len(grouped)} {remarks.layer}"
    remarks.info("points-joined", f"{count}: {shown(columns[found.key])}.")
    return gpd.GeoDataFrame(columns, geometry=geometries, crs=crs)


def _kept(
    table: pd.DataFrame, rows: pd.DataFrame, order: list[str], found: Headers
) -> tuple[dict[str, list[str]], list[str]]:
    """Return columns with one value in each plot, and the names of those with several."""
    taken = {found.first, found.second, found.contour, found.point, found.plot}
    columns: dict[str, list[str]] = {}
    changing = []
    for name in table.columns:
        if name in taken:
            continue
        cells = table.loc[rows.index, name].fillna("").astype("str").str.strip()
        values = pd.DataFrame({"plot": rows["plot"], "cell": cells})[cells != ""].drop_duplicates()
        if values["plot"].duplicated().any():
            changing.append(str(name))
        else:
            by_plot = values.set_index("plot")["cell"]
            columns[str(name)] = by_plot.reindex(order).fillna("").tolist()
    return columns, changing


def _may_change(changing: Sequence[str], found: Headers, remarks: Remarks) -> bool:
    """Tell whether columns may change within a plot: lengths do, what the layer needs does not."""
    own = [name for name in changing if name in found.needed]
    if own:
        cause = f"columns change within one record of several points: {shown(own)}."
        remarks.problem(cause, "Give all points of a record the same value.")
    elif changing:
        remarks.info("extra-columns", f"columns not used: {shown(changing, most=20)}.")
    return not own

"""Reading an export: records wherever they stand, in columns, words and units of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geoplan.errors import closest, nearest_name, shown
from geoplan.intake.mapping import FieldMap, allowed, folded
from geoplan.intake.texts import FOLLOWED, KEY, SURROGATE, as_texts
from geoplan.publish.cells import writable
from geoplan.site.checks import check_columns
from geoplan.site.columns import CONSTANT, Read, read_columns, record_names
from geoplan.site.findings import Remarks
from geoplan.site.schema import ID_SEPARATOR, PROJECTS
from geoplan.site.sources import Source, locate, steady
from geoplan.site.tables import Table, naming, read_table
from geoplan.site.texts import decoded, unmangled

_LISTS = ("near", "apart")
_NAMES_SHOWN = 20


@dataclass(frozen=True)
class Export:
    """An export in words and units of ours.

    Attributes
    ----------
    texts : DataFrame
        See :func:`geoplan.intake.texts.as_texts`; what the export left blank is None.
    given : tuple of str
        The columns that the export has.
    """

    texts: pd.DataFrame
    given: tuple[str, ...]


def find_table(text: str, remarks: Remarks) -> Source | None:
    """Find the file that ``path`` or ``path|layer`` names, seen from where the user stands."""
    path = Path(text.partition("|")[0])
    if path.exists():
        return locate(text, Path(), remarks)
    with suppress(OSError):  # a folder that cannot be listed has no name to offer
        close = closest(path.name, [file.name for file in path.parent.iterdir()])
        nearest = f" Did you mean '{close}'?" if close else ""
        remarks.problem("there is no such file.", f"Check the path.{nearest}")
        return None
    remarks.problem("there is no such file.", "Check the path and its folder.")
    return None


def read_export(source: Source, mapping: FieldMap, remarks: Remarks) -> Export | None:
    """Read a platform's export and hold it against the portfolio's contract.

    Parameters
    ----------
    source : Source
        JSON, or any table that a portfolio may be.
    mapping : FieldMap
    remarks : Remarks
        Of the layer ``projects``; takes down all that is wrong, and what was assumed.

    Returns
    -------
    Export or None
        None after a problem that leaves nothing to compare.
    """
    table = None
    with steady(source, remarks):
        table = _table(source, mapping, remarks)
    if table is None or not _has_columns(table.frame, mapping, remarks):
        return None
    raw = _ours(table.frame, mapping, remarks)
    ids = record_names(
        raw[KEY].map(lambda cell: writable(_plain(cell) or "") or None).astype("str")
    )
    raw = _in_our_words(raw, mapping, ids, remarks)
    _check_texts(raw, ids, remarks)
    blank = raw.map(lambda cell: not _plain(cell))
    read = read_columns(raw, {}, remarks, decimal_comma=table.decimal_comma)
    scaled = _in_our_units(read.frame, mapping, raw.columns)
    checked = _to_be_checked(scaled)
    check_columns(Read(checked, read.missing, read.unreadable), remarks)
    _check_spellings(scaled[KEY], remarks)
    if remarks.problems.found:
        return None
    return Export(as_texts(scaled, blank), tuple(str(name) for name in raw.columns))


def _table(source: Source, mapping: FieldMap, remarks: Remarks) -> Table | None:
    if source.path.suffix.lower() == ".json":
        return _read_json(source, mapping, remarks)
    if mapping.records is not None:
        remarks.problem("records leads into JSON, and this is none.", "Leave records out.")
    wanted = naming([*PROJECTS.columns.columns, *mapping.columns.values()])
    return read_table(source, remarks, wanted=wanted)


def _read_json(source: Source, mapping: FieldMap, remarks: Remarks) -> Table | None:
    try:
        content: Any = json.loads(decoded(source.path.read_bytes(), remarks))
    except (ValueError, RecursionError) as error:
        remarks.problem(f"the file is not JSON ({error}).", "Export it again.")
        return None
    records = _records(content, mapping.records, remarks)
    if records is None:
        return None
    flat = [dict(_fields(record)) for record in records]
    names = list(dict.fromkeys(name for record in flat for name in record))
    columns = {name: [record.get(name) for record in flat] for name in names}
    frame = pd.DataFrame(columns, dtype="object", index=pd.RangeIndex(len(flat)))
    # Within JSON text a comma in a figure is decimal: thousands are not written there.
    return Table(frame, decimal_comma=True)


def _records(content: Any, path: str | None, remarks: Remarks) -> list[dict[str, Any]] | None:
    lists = dict(_lists(content))
    if path is None:
        if len(lists) == 1:
            return next(iter(lists.values()))
        cause = f"the JSON has {len(lists)} lists of records"
        told = f": {shown(map(repr, lists))}." if lists else "."
        remarks.problem(cause + told, 'Write records = "..." at the top of the map.')
    elif path in lists:
        return lists[path]
    else:
        remedy = nearest_name(path, lists) if lists else "Export it again."
        remarks.problem(f"no list of records stands at records = '{path}'.", remedy)
    return None


def _lists(content: Any, path: str = "") -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Find the lists of records outside records, by their paths."""
    if isinstance(content, list):
        if all(isinstance(record, dict) for record in content):
            yield path, content
    elif isinstance(content, dict):
        for key, inner in content.items():
            yield from _lists(inner, f"{path}.{key}" if path else str(key))


def _fields(record: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for key, cell in record.items():
        name = f"{path}.{key}" if path else str(key)
        if isinstance(cell, dict):
            yield from _fields(cell, name)
        else:
            yield name.strip(), cell


def _has_columns(frame: pd.DataFrame, mapping: FieldMap, remarks: Remarks) -> bool:
    """Say which fields that the map names, or that nobody can do without, are not there."""
    if not len(frame):
        remarks.problem("there are no records.", "Check the export: nobody would be left.")
        return False
    names, there = {str(name).strip() for name in frame.columns}, True
    for ours, column in PROJECTS.columns.columns.items():
        theirs = mapping.columns.get(ours, ours).strip()
        if theirs in names or theirs.startswith(CONSTANT):
            continue
        if ours in mapping.columns:
            remedy = f"{nearest_name(theirs, names)} Write it under [columns]."
            remarks.problem(f"it has no field '{theirs}', which is to be {ours}.", remedy)
        elif column.metadata["required"]:
            close = closest(ours, names)
            remarks.problem(
                f"it has no field '{ours}' ({column.description}); its fields are: "
                f"{shown(sorted(names), most=_NAMES_SHOWN)}.",
                f'Write under [columns] of the map: {ours} = "{close or "name of the field"}".',
            )
        there = there and not (ours in mapping.columns or column.metadata["required"])
    return there


def _ours(frame: pd.DataFrame, mapping: FieldMap, remarks: Remarks) -> pd.DataFrame:
    """Take the mapped fields under our names; tell the others."""
    places = {str(name).strip(): place for place, name in enumerate(frame.columns)}
    taken: dict[str, Any] = {}
    used = set()
    for ours in PROJECTS.columns.columns:
        theirs = mapping.columns.get(ours, ours).strip()
        if theirs.startswith(CONSTANT):
            taken[ours] = [theirs.removeprefix(CONSTANT).strip()] * len(frame)
        elif theirs in places:
            taken[ours] = frame.iloc[:, places[theirs]].astype("object").tolist()
            used.add(theirs)
    unused = [name for name in places if name not in used]
    if unused:
        remarks.info("extra-columns", f"fields not used: {shown(unused, most=_NAMES_SHOWN)}.")
    raw = pd.DataFrame(taken, dtype="object", index=pd.RangeIndex(len(frame)))
    for name in (KEY, *_LISTS):
        if name in raw.columns and mapping.id_prefix:
            raw[name] = raw[name].map(lambda cell: _prefixed(_plain(cell), mapping.id_prefix))
    return raw


def _plain(cell: Any) -> str:
    """Read a cell as text: lists joined, whole numbers without a point, null as nothing."""
    if isinstance(cell, list | tuple | np.ndarray):
        return ID_SEPARATOR.join(filter(None, map(_plain, cell)))
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if pd.isna(cell) else str(cell).strip()


def _prefixed(cell: str, prefix: str) -> str | None:
    parts = [part.strip() for part in cell.split(ID_SEPARATOR)]
    return ID_SEPARATOR.join(f"{prefix}{part}" for part in parts if part) or None


def _in_our_words(
    raw: pd.DataFrame, mapping: FieldMap, ids: pd.Series[str], remarks: Remarks
) -> pd.DataFrame:
    """Put our words for the export's; note those that nothing says the meaning of."""
    raw = raw.copy()
    for name in raw.columns:
        words = mapping.words(name)
        if words:
            plain = raw[name].map(_plain)
            raw[name] = [words.get(folded(cell), cell) for cell in plain]
        choices = allowed(name)
        if not choices:
            continue
        known = {*choices, *PROJECTS.columns.columns[name].metadata["words"]}
        texts = raw[name].map(_plain)
        unknown = (texts != "") & ~texts.str.casefold().isin(known)
        for text in dict.fromkeys(texts[unknown]):
            close = closest(text, choices) or choices[0]
            remarks.problem(
                f"{name} is '{writable(text)}', which is none of {', '.join(choices)}.",
                f"Say under [values.{name}] of the map what it means:"
                f' "{writable(text)}" = "{close}".',
                ids[texts == text],
            )
        raw[name] = raw[name].mask(unknown, None)
    return raw


def _check_texts(raw: pd.DataFrame, ids: pd.Series[str], remarks: Remarks) -> None:
    """Note text that was read in a wrong encoding, and cells that hold no value at all."""
    for name in raw.columns:
        cells = raw[name].map(_plain)
        broken = cells.str.contains(SURROGATE)
        if broken.any():
            cause = f"{name} holds halves of characters (lone surrogates)."
            remarks.problem(cause, "Export it again as UTF-8.", ids[broken])
        misread = {text: found for text in cells.unique() if (found := unmangled(text))}
        if misread:
            text, (meant, read_as, encoding) = next(iter(misread.items()))
            remarks.problem(
                f"{name} is misread: '{text}' would be '{meant}', had {encoding} not been read"
                f" as {read_as}.",
                f"Export it again and state its encoding, {encoding}, or save it as UTF-8.",
                ids[cells.isin(list(misread))],
            )
        nested = raw[name].map(
            lambda cell: isinstance(cell, list) and any(isinstance(c, dict | list) for c in cell)
        )
        if nested.any():
            cause = f"{name} holds records, not a value."
            remarks.problem(cause, "Map another field under [columns].", ids[nested])


def _in_our_units(frame: pd.DataFrame, mapping: FieldMap, there: pd.Index[str]) -> pd.DataFrame:
    """Multiply figures by their units; what follows another column follows it afterwards."""
    frame = frame.copy()
    followed = {name: base for name, base in FOLLOWED.items() if base != KEY}
    for name, base in followed.items():
        own = (frame[name] != frame[base]) & (name in there)
        frame[name] = frame[name].where(own)
    for name in mapping.units:
        frame[name] = frame[name] * mapping.factor(name)
    return frame.assign(
        **{name: frame[name].fillna(frame[base]) for name, base in followed.items()}
    )


def _to_be_checked(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out what follows other columns, and names of projects that only stand elsewhere.

    The merged portfolio is held against all of the contract.
    """
    cells = frame.copy()
    for name, base in FOLLOWED.items():
        cells[name] = cells[name].mask(cells[name] == cells[base])
    for name in _LISTS:
        cells[name] = pd.Series(None, index=cells.index, dtype="str")
    return cells


def _check_spellings(ids: pd.Series[str], remarks: Remarks) -> None:
    """Note ids that differ in case and spaces alone; equal ones are noted by the contract."""
    alike: dict[str, list[str]] = {}
    for name in ids.dropna().unique():
        alike.setdefault(folded(name), []).append(name)
    twice = [name for names in alike.values() if len(names) > 1 for name in names]
    if twice:
        remedy = "Give each project an id of its own, or send one of them alone."
        remarks.problem(f"{KEY} differs in case or spaces alone.", remedy, twice)

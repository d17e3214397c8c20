"""A national platform's export, brought into a portfolio."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pandas as pd

from geoplan.errors import GeoplanError, Problem, Problems
from geoplan.intake import (
    Earlier,
    Merged,
    csv_text,
    find_table,
    load_mapping,
    merged,
    read_earlier,
    read_export,
)
from geoplan.intake.merge import CHANGES
from geoplan.publish import write_text
from geoplan.site.checks import check_columns, check_together
from geoplan.site.columns import read_columns
from geoplan.site.findings import Finding, Remarks

if TYPE_CHECKING:
    from geoplan.intake import Export


@dataclass(frozen=True)
class Registered:
    """A portfolio after an export, and what became of everybody.

    Attributes
    ----------
    portfolio : DataFrame
        Text or None, one row a project in the order of ids, as its file has it.
    changes : DataFrame
        ``project_id, change, field, from, to``: one row a field that differs from the earlier
        portfolio; new projects have one row without a field.
    new, changed, withdrawn, returned : list of str
        Ids.
    unchanged : int
        How many are as they were.
    findings : tuple of Finding
        How the export was understood, and where it contradicts what was planned.
    """

    portfolio: pd.DataFrame
    changes: pd.DataFrame
    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    unchanged: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def summary(self) -> str:
        """Say in one line what became of how many.

        >>> Registered(pd.DataFrame(), pd.DataFrame(), new=["A"]).summary
        '1 new, 0 changed, 0 withdrawn, 0 returned, 0 unchanged'
        """
        counts = (len(self.new), len(self.changed), len(self.withdrawn), len(self.returned))
        return ", ".join(
            f"{n} {kind}" for n, kind in zip((*counts, self.unchanged), CHANGES, strict=True)
        )


def register(
    export: str | Path,
    *,
    out: str | Path | None = None,
    columns: str | Path | None = None,
    since: str | Path | None = None,
    changes: str | Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> Registered:
    """Bring a national platform's export into a portfolio.

    The same export twice gives the same bytes, and nothing new, changed or withdrawn.

    Parameters
    ----------
    export : str or Path
        JSON with records anywhere in it, CSV, XLSX, ODS, Parquet or a GeoPackage's table.
    out : str or Path, optional
        The portfolio to write (CSV), all or nothing. One that is there already is what the
        export is compared with, unless `since` is given; what a planner typed there stays,
        whatever it is compared with.
    columns : str or Path, optional
        How the export's fields, words and units become ours (TOML); see
        :func:`geoplan.intake.example_mapping_text`.
    since : str or Path, optional
        The earlier portfolio, or the folder of a plan that was made of it.
    changes : str or Path, optional
        Where to write the changes (CSV).
    progress : callable, optional
        Called with what is being done.

    Returns
    -------
    Registered

    Raises
    ------
    GeoplanError
        With all that is wrong with the map, the export and the earlier portfolio, or if a file
        cannot be written; then nothing is.
    """
    tell = progress or (lambda _: None)
    target = None if out is None else Path(out)
    _check_paths(Path(export), target, changes, [columns, since])
    tell("read")
    problems, findings = Problems(), list[Finding]()
    remarks = Remarks("projects", f"export ({Path(export).name})", problems, findings)
    mapping = load_mapping(None if columns is None else Path(columns))
    source = find_table(str(export), remarks)
    read = read_export(source, mapping, remarks) if source else None
    present = None if target is None or not target.exists() else target
    compared = present if since is None else Path(since)
    earlier = _earlier(compared, problems, findings)
    standing = _earlier(present, problems, findings) if present != compared else earlier
    problems.raise_any()
    tell("compare")
    # What could not be read is a problem, so it is there now.
    read = cast("Export", read)
    result = merged(read, earlier, remarks, standing=standing, id_prefix=mapping.id_prefix)
    _check_result(result, problems)
    problems.raise_any()
    if target is not None:
        tell(f"write {target.name}")
        _write(result, target, None if changes is None else Path(changes))
    elif changes is not None:
        write_text(csv_text(result.changes), Path(changes))
    return _registered(result, findings)


def _registered(result: Merged, findings: list[Finding]) -> Registered:
    named = {kind: result.named(kind) for kind in CHANGES[:-1]}
    return Registered(
        result.portfolio,
        result.changes,
        **named,
        unchanged=result.count("unchanged"),
        findings=tuple(findings),
    )


def _check_paths(
    export: Path,
    out: Path | None,
    changes: str | Path | None,
    read: list[str | Path | None],
) -> None:
    """Refuse to write over what is read, or two files into one."""
    problems = Problems()
    outs = [path for path in (out, None if changes is None else Path(changes)) if path]
    inputs = {export.resolve()} | {Path(p).resolve() for p in read[:1] if p is not None}
    for path in outs:
        if path.suffix.lower() != ".csv":
            problems.add(str(path), "a portfolio is written as CSV.", "Name a file *.csv.")
        if path.resolve() in inputs:
            problems.add(str(path), "it is read here and would be lost.", "Name another file.")
    earlier = read[1]
    if (
        changes is not None
        and earlier is not None
        and Path(changes).resolve() == Path(earlier).resolve()
    ):
        problems.add(str(changes), "it is read here and would be lost.", "Name another file.")
    if len({path.resolve() for path in outs}) < len(outs):
        problems.add(str(out), "portfolio and changes are one file.", "Name two files.")
    problems.raise_any()


def _earlier(path: Path | None, problems: Problems, findings: list[Finding]) -> Earlier | None:
    """Read an earlier portfolio; its faults are noted apart from the export's."""
    if path is None:
        return None
    own = Problems()
    try:
        earlier = read_earlier(path, Remarks("projects", f"portfolio ({path})", own, findings))
        own.raise_any()
    except GeoplanError as error:
        problems.take(error)
        return None
    return earlier


def _check_result(result: Merged, problems: Problems) -> None:
    """Hold the merged portfolio against the contract, as the next plan will."""
    remarks = Remarks("projects", "portfolio after the export", problems, [])
    read = read_columns(result.portfolio, {}, remarks)
    check_columns(read, remarks)
    check_together(read.frame, remarks, files=1)


def _write(result: Merged, out: Path, changes: Path | None) -> None:
    # The portfolio last: it is what the next export is compared with.
    if out.is_dir():
        raise GeoplanError([Problem(str(out), "it is a folder.", "Name a file *.csv.")])
    if changes is not None:
        write_text(csv_text(result.changes), changes)
    write_text(csv_text(result.portfolio), out)

"""What is wrong with an input, said once and in full.

Inputs that cannot be understood raise :class:`GeoplanError`. It carries every
:class:`Problem` found so far, so that a planner mends a file once and not five times.
A result that is unwelcome (a project without a plot) is data, never an exception.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field

IDS_SHOWN = 8
NAMES_SHOWN = 24


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an input.

    Attributes
    ----------
    where : str
        The file, layer or setting at fault.
    cause : str
        What is wrong, with the offending values.
    remedy : str
        What the user can do about it.
    ids : tuple of str
        The records at fault; empty when the whole layer is.
    """

    where: str
    cause: str
    remedy: str
    ids: tuple[str, ...] = ()

    def __str__(self) -> str:
        records = f" [{shown(self.ids)}]" if self.ids else ""
        return f"{self.where}{records}: {self.cause} {self.remedy}".strip()


class GeoplanError(Exception):
    """Inputs that cannot be used; the message lists every problem with its remedy.

    Parameters
    ----------
    problems : iterable of Problem

    Examples
    --------
    >>> raise GeoplanError([Problem("zones", "no zone_id column.", "Add one.")])
    Traceback (most recent call last):
        ...
    geoplan.errors.GeoplanError: zones: no zone_id column. Add one.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass
class Problems:
    """Collects problems, so that they are raised together."""

    found: list[Problem] = field(default_factory=list)

    def add(self, where: str, cause: str, remedy: str, ids: Iterable[object] = ()) -> None:
        """Note one problem; `ids` are the records at fault."""
        self.found.append(Problem(where, cause, remedy, tuple(str(i) for i in ids)))

    def take(self, error: GeoplanError) -> None:
        """Note the problems that another reader has already raised."""
        self.found.extend(error.problems)

    def raise_any(self) -> None:
        """Raise :class:`GeoplanError` if anything was noted."""
        if self.found:
            raise GeoplanError(self.found)


def shown(ids: Iterable[object], most: int = IDS_SHOWN) -> str:
    """Join ids for a message and say how many were left out.

    >>> shown(["A", "B", "C"], most=2)
    'A, B and 1 more'
    """
    names = [str(i) for i in ids]
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def closest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like `name`, or None when none is like it.

    >>> closest("Zone_ID", ["zone_id", "use"])
    'zone_id'
    """
    folded = {other.casefold(): other for other in sorted(known, reverse=True)}
    close = difflib.get_close_matches(name.casefold(), sorted(folded), n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def nearest_name(name: str, known: Iterable[str]) -> str:
    """Suggest the known name that is most like `name`, as the end of a sentence.

    >>> nearest_name("objectve", ["objective", "seed"])
    "Did you mean 'objective'?"
    """
    known = sorted(known)
    close = closest(name, known)
    return f"Did you mean '{close}'?" if close else f"Known names: {shown(known, NAMES_SHOWN)}."

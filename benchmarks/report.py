"""Tables of figures: on the screen, as Markdown, as JSON."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    """Figures of one contender in one case.

    Attributes
    ----------
    case, contender : str
    wall_s : tuple of float
        Whole process, each repeat.
    memory_gb : float
    figures : dict
    stages : dict of str to float
        Seconds of the stages that the contender timed itself, without start-up.
    fault : str
        Why there are no figures; else empty.
    """

    case: str
    contender: str
    wall_s: tuple[float, ...]
    memory_gb: float
    figures: dict[str, Any] = field(default_factory=dict)
    stages: dict[str, float] = field(default_factory=dict)
    fault: str = ""

    @property
    def median_s(self) -> float:
        """Median wall time of the whole process, s."""
        return statistics.median(self.wall_s)


@dataclass(frozen=True)
class Check:
    """A figure held against what it is to reach."""

    case: str
    figure: str
    value: Any
    goal: str
    met: bool


@dataclass(frozen=True)
class Section:
    """Rows that share a table, and remarks to them."""

    title: str
    rows: Sequence[Row]
    remarks: Sequence[str] = ()


@dataclass(frozen=True)
class Part:
    """What one part of the benchmarks measured, what its figures mean, and which goals it met."""

    title: str
    legend: str
    sections: Sequence[Section]
    checks: Sequence[Check]


def recorded(part: Part, **about: Any) -> dict[str, Any]:
    """Turn a part into what JSON can hold, with its date, machine and versions."""
    return about | asdict(part)


def page(record: dict[str, Any]) -> list[str]:
    """Lay a recorded part out as Markdown."""
    told = ", ".join(
        f"{name} {value}" for name, value in (record["machine"] | record["versions"]).items()
    )
    lines = [f"# {record['title']}, measured {record['date']}", "", f"On {told}.", ""]
    lines += [record["legend"], ""]
    for section in record["sections"]:
        lines += [f"## {section['title']}", "", *table([Row(**row) for row in section["rows"]]), ""]
        lines += [*section["remarks"], ""] if section["remarks"] else []
    goals = checks_table([Check(**check) for check in record["checks"]])
    return [*lines, f"## {record['title']}: goals", "", *goals]


def shown(value: Any) -> str:
    """Write a figure with three significant digits.

    >>> [shown(v) for v in (0.123456, 1234567, True, None, 1e-12)]
    ['0.123', '1,234,567', 'yes', '-', '1e-12']
    """
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def table(rows: Sequence[Row]) -> list[str]:
    """Lay rows out as a Markdown table whose columns are the figures that any of them has."""
    names = list(dict.fromkeys(name for row in rows for name in row.figures))
    head = ["case", "who", "whole process s", "runs", "stages s", "memory GB", *names]
    lines = ["| " + " | ".join(head).replace("_", " ") + " |", "|---" * len(head) + "|"]
    for row in rows:
        stages = ", ".join(f"{name} {shown(value)}" for name, value in row.stages.items())
        cells = [
            row.case,
            row.contender,
            shown(row.median_s),
            str(len(row.wall_s)),
            row.fault or stages,
            shown(row.memory_gb),
            *(shown(row.figures.get(name)) for name in names),
        ]
        lines.append("| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |")
    return lines


def checks_table(checks: Sequence[Check]) -> list[str]:
    """Lay checks out as a Markdown table."""
    lines = ["| case | figure | reached | goal | met |", "|---|---|---|---|---|"]
    for check in checks:
        cells = [check.case, check.figure.replace("_", " "), shown(check.value), check.goal]
        lines.append("| " + " | ".join([*cells, "yes" if check.met else "**no**"]) + " |")
    return lines

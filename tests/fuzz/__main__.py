"""Runs cases by their numbers, as a pool of workers asks for them or by hand.

``python -m tests.fuzz FOLDER`` reads a number and "whole" or "read" from each line and answers
with a line of JSON; the folder holds the bases, and is written if it does not. What a planner's
terminal would see goes to standard error.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import sys
import tempfile
from dataclasses import asdict
from functools import cache
from pathlib import Path

import geoplan
from geoplan.errors import GeoplanError

from .cases import Case, Mutator, generator
from .damage import damage
from .geometries import distort
from .judged import broken, ended
from .parks import SCENARIO, write_formats
from .settings import misset
from .values import misstate

MEMORY_BYTES = 6 << 30
KINDS: tuple[Mutator, ...] = (damage, misstate, damage, misset, misstate, distort, damage, misstate)


def main(bases: Path) -> None:
    """Answer each line of standard input."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def tell(answer: object) -> None:
        print(json.dumps(answer), file=answers, flush=True)

    # Whatever is raised besides refusals is what is looked for; it ends this process.
    sys.excepthook = lambda *raised: tell(asdict(broken(raised[1])))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    if not bases.exists():
        write_formats(bases)

    @cache
    def known(base: str) -> frozenset[str]:
        try:
            return frozenset(f.message for f in geoplan.check(bases / base / SCENARIO).findings)
        except GeoplanError:
            return frozenset()

    for line in sys.stdin:
        number, how = line.split()
        with tempfile.TemporaryDirectory(prefix="fuzz-") as work:
            case, folder = made(int(number), bases, Path(work))
            tell({"what": f"{case.base}, {case.what}"})
            ending = ended(case, folder, known, whole=how == "whole")
        tell(asdict(ending))


def made(number: int, bases: Path, work: Path) -> tuple[Case, Path]:
    """Make one case in a folder of its own."""

    def copied(base: str) -> Path:
        shutil.copytree(bases / base, work / base, dirs_exist_ok=True)
        return work / base

    case = KINDS[number % len(KINDS)](copied, generator(number))
    return case, work / case.base


if __name__ == "__main__":
    main(Path(sys.argv[1]))

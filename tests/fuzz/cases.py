"""What a mutated input is, and how it is made from a number alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

SEED = 20_261_123


@dataclass(frozen=True)
class Cell:
    """A cell that was written anew: where, and what now stands there."""

    layer: str
    row: int
    column: str
    value: object
    as_text: bool


@dataclass(frozen=True)
class Setting:
    """A setting that was written anew; `value` as TOML reads it."""

    section: str
    key: str
    value: object


@dataclass(frozen=True)
class Case:
    """One mutated input.

    Attributes
    ----------
    base : str
        Folder of the park that it was made from.
    what : str
        What was done to it, in a line.
    way : str
        "scenario", "load" or "amend": how it is read.
    changed : Cell, Setting or None
        What the plan must show or a finding tell.
    """

    base: str
    what: str
    way: str = "scenario"
    changed: Cell | Setting | None = field(default=None)


Copied = Callable[[str], Path]
"""Copies the folder of one base, and returns the copy."""

Mutator = Callable[[Copied, np.random.Generator], Case]
"""Picks a base, spoils a copy of it, and says what it did."""


def generator(number: int) -> np.random.Generator:
    """Return the randomness of one case: the same for a number whenever it is made."""
    return np.random.default_rng([SEED, number])

"""Numbers as people read them: thin spaces between thousands, shares that add up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

THIN_SPACE = "\u2009"
MINUS = "\u2212"
NOTHING = "\u2013"
_WHOLE = 1e-6  # shares further than this from 1 in sum are no partition


def number(value: Any, decimals: int = 0) -> str:
    """Write a number with thin spaces between thousands; an en dash where there is none.

    >>> number(12345.678, 1)
    '12\u2009345.7'
    >>> number(-0.04, 1), number(None)
    ('0.0', '–')
    """
    if value is None or pd.isna(value) or not np.isfinite(value):
        return NOTHING
    text = f"{value:,.{decimals}f}".replace(",", THIN_SPACE)
    if text.startswith("-"):
        # What rounds to zero has no sign.
        text = MINUS + text[1:] if text.strip("-0.") else text[1:]
    return text


def signed(value: Any, digits: int = 0) -> str:
    """Write a difference with its sign; nothing where there is none.

    >>> signed(2.0, 1), signed(0.0, 1)
    ('+2.0', '')
    """
    if value is None or pd.isna(value) or round(float(value), digits) == 0:
        return ""
    return f"+{number(value, digits)}" if value > 0 else number(value, digits)


def percent(share: Any, decimals: int = 1) -> str:
    """Write a share as per cent.

    >>> percent(0.125)
    '12.5\u2009%'
    """
    if share is None or pd.isna(share) or not np.isfinite(share):
        return NOTHING
    return f"{number(100 * float(share), decimals)}{THIN_SPACE}%"


def rounded_shares(shares: Sequence[float], decimals: int = 1) -> list[float]:
    """Round shares to so many decimals of a per cent, so that a whole stays a whole.

    Largest remainders: each share is rounded down, and what is missing goes to those that
    lost most. Shares that do not sum to 1 are rounded one by one and so keep showing it.

    Parameters
    ----------
    shares : sequence of float
        Parts of one.
    decimals : int

    Returns
    -------
    list of float
        Parts of one again.

    Examples
    --------
    >>> rounded_shares([1 / 3, 1 / 3, 1 / 3])
    [0.334, 0.333, 0.333]
    """
    steps = 100 * 10**decimals
    exact = np.asarray(shares, dtype=float) * steps
    if abs(exact.sum() / steps - 1) > _WHOLE:
        return [float(share) for share in np.round(exact) / steps]
    # A share that is exact but for float noise must not count as rounded down.
    lower = np.floor(exact + _WHOLE)
    missing = round(steps - lower.sum())
    order = np.argsort(lower - exact, kind="stable")
    lower[order[:missing]] += 1
    return [float(share) for share in lower / steps]

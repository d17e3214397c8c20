"""Days of the calendar, as inputs write them."""

from __future__ import annotations

from datetime import date


def is_day(text: str) -> bool:
    """Tell whether a text is a day of the calendar, as ISO 8601 writes it.

    >>> is_day("2026-02-28"), is_day("2026-02-30"), is_day("28.02.2026")
    (True, False, False)
    """
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False

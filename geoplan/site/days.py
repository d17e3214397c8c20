"""Days of the calendar, as inputs write them."""

from __future__ import annotations

import re
from datetime import date

_YEAR_FIRST = re.compile(r"(?P<year>\d{4})/(?P<month>\d\d)/(?P<day>\d\d)(?: 00:00:00)?")
"""How GDAL hands over the days of a spreadsheet."""

_DAY_FIRST = re.compile(r"(?P<day>\d\d?)\.(?P<month>\d\d?)\.(?P<year>\d{4})")
"""How days are written in Kazakhstan."""


def is_day(text: str) -> bool:
    """Tell whether a text is a day of the calendar, as ISO 8601 writes it.

    >>> is_day("2026-02-28"), is_day("2026-02-30"), is_day("28.02.2026")
    (True, False, False)
    """
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def in_iso(text: str) -> str:
    """Write a day as ISO 8601 does, where its form leaves no doubt; any other text stays.

    >>> in_iso("28.2.2026"), in_iso("2026/02/28"), in_iso("soon")
    ('2026-02-28', '2026-02-28', 'soon')
    """
    found = _YEAR_FIRST.fullmatch(text) or _DAY_FIRST.fullmatch(text)
    if found is None:
        return text
    day = f"{found['year']}-{int(found['month']):02}-{int(found['day']):02}"
    return day if is_day(day) else text

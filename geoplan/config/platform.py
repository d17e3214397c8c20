"""How a national platform's export becomes a portfolio: where records are, columns, words."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from geoplan.config.reading import checked, read_toml
from geoplan.config.settings import Settings


class PlatformMap(Settings):
    """A map from a platform's export to ours; see :func:`load_platform_map`."""

    records: str = Field(
        default="", description="JSON: keys that lead to the list of records, joined by points"
    )
    columns: dict[str, dict[str, str]] = Field(
        default={}, description="projects -> our column -> theirs; points lead into records"
    )
    words: dict[str, dict[str, str]] = Field(
        default={}, description="our column -> their word -> ours"
    )


def load_platform_map(path: str | Path) -> PlatformMap:
    """Read a map of columns and words.

    Raises
    ------
    GeoplanError
        If it cannot be read, or has settings that nobody knows.
    """
    return checked(PlatformMap, read_toml(Path(path)), Path(path).name)

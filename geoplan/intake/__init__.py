"""From a national platform's export to a portfolio of ours: mapped, compared and merged."""

from __future__ import annotations

from geoplan.intake.earlier import Earlier, read_earlier
from geoplan.intake.mapping import (
    FieldMap,
    example_mapping_text,
    load_mapping,
    write_example_mapping,
)
from geoplan.intake.merge import CHANGE_COLUMNS, Merged, merged
from geoplan.intake.records import Export, find_table, read_export
from geoplan.intake.texts import csv_text

__all__ = [
    "CHANGE_COLUMNS",
    "Earlier",
    "Export",
    "FieldMap",
    "Merged",
    "csv_text",
    "example_mapping_text",
    "find_table",
    "load_mapping",
    "merged",
    "read_earlier",
    "read_export",
    "write_example_mapping",
]

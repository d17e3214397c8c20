"""What is given: layers and portfolio, read, checked and repaired."""

from __future__ import annotations

from geoplan.site.findings import Finding, findings_frame
from geoplan.site.given import Site
from geoplan.site.read import read_site
from geoplan.site.schema import CONTRACTS, LayerContract
from geoplan.site.sources import inventory

__all__ = [
    "CONTRACTS",
    "Finding",
    "LayerContract",
    "Site",
    "findings_frame",
    "inventory",
    "read_site",
]

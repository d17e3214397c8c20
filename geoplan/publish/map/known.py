"""Words of the data that are the same in every park: shown, they are translated.

They stand in tables and captions as the inputs and the audit write them. What is not among them
is shown as it was given.
"""

from __future__ import annotations

from geoplan.config import UTILITIES
from geoplan.publish.map.words import N_

UTILITY_NAMES = {kind: name for kind, (name, _) in UTILITIES.items()}
UTILITY_UNITS = {kind: unit for kind, (_, unit) in UTILITIES.items()}
NAMES_MARKED = (N_("Power"), N_("Water"), N_("Waste water"), N_("Gas"), N_("Heat"))
UNITS_MARKED = (N_("MW"), N_("m³/day"), N_("m³/h"), N_("Gcal/h"))
"""What the two above hold, written out for the catalogues."""

STATUSES = (N_("withdrawn"), N_("placed"))
OCCUPATIONS = (N_("vacant"), N_("transitional"), N_("occupied"), N_("derelict"))
"""Of the three states of a plot, the one that no colouring names."""
STREET_CLASSES = (N_("main"), N_("collector"), N_("local"))
RECEPTORS = (
    N_("Housing"),
    N_("Recreation"),
    N_("School"),
    N_("Hospital"),
    N_("Kindergarten"),
    N_("Food"),
    N_("Pharma"),
    N_("Water intake"),
    N_("Garden plots"),
)
EXCLUSIONS = (
    N_("Exclusion"),
    N_("Pipeline"),
    N_("Power line"),
    N_("Cable"),
    N_("Heat main"),
    N_("Building"),
    N_("Railway"),
    N_("Road"),
    N_("Cemetery"),
    N_("Forest"),
    N_("Monument"),
)
SECTORS = (
    N_("food"),
    N_("construction materials"),
    N_("machine building"),
    N_("metal products"),
    N_("chemicals plastics"),
    N_("chemicals"),
    N_("warehouse"),
    N_("light industry"),
    N_("electronics electrical"),
    N_("electronics"),
    N_("wood furniture"),
    N_("furniture"),
    N_("pharma medical"),
    N_("cold store"),
    N_("materials depot"),
    N_("container terminal"),
    N_("warehouse a b"),
    N_("3pl fulfilment"),
    N_("container yard"),
    N_("truck service"),
    N_("customs"),
    N_("vehicle storage"),
    N_("metal"),
    N_("packaging"),
    N_("energy"),
    N_("textiles"),
    N_("agriculture"),
)
LAYERS = (
    N_("zones"),
    N_("exclusions"),
    N_("gates"),
    N_("receptors"),
    N_("roads"),
    N_("sidings"),
    N_("plots"),
    N_("projects"),
    N_("land"),
    N_("streets"),
    N_("balance"),
    N_("allocation"),
)
"""Layers and tables that a finding may be of."""
RULES = (
    N_("areas asked for"),
    N_("coverage"),
    N_("zone"),
    N_("conservation"),
    N_("no plots"),
    N_("ids"),
    N_("balance sum"),
    N_("access"),
    N_("idle land"),
    N_("allotment"),
    N_("portfolio"),
    N_("reasons"),
    N_("chosen area"),
    N_("lock"),
    N_("capacity"),
    N_("supply"),
    N_("gap"),
    N_("repeatability"),
    N_("slivers"),
    N_("road across exclusion"),
    N_("frontage"),
    N_("parts"),
    N_("sliver"),
    N_("area"),
    N_("outline"),
    N_("sanitary distance"),
    N_("main street"),
    N_("siding gate"),
    N_("own-columns"),
    N_("apart"),
    N_("csv-separator"),
    N_("decimal-comma"),
    N_("extra-columns"),
    N_("gdal-warning"),
    N_("geometry-flattened"),
    N_("shapefile-encoding"),
    N_("words-taken"),
    N_("crs-assumed"),
    N_("csv-encoding"),
    N_("declared-area"),
    N_("geometry-reduced"),
    N_("geometry-repaired"),
)

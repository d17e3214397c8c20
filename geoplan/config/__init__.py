"""The scenario: one TOML file that says where the inputs are and how to plan.

Every default stands here and nowhere else; ``geoplan new`` prints them. Unknown keys are
refused with the nearest known one, and all faults of a file are reported together.
"""

from __future__ import annotations

from geoplan.config.files import each_file
from geoplan.config.flow_norms import FlowNorm
from geoplan.config.norms import BalanceNorm, NormProfile, RailNorm, SpzNorm, load_norms
from geoplan.config.objectives import (
    OBJECTIVES,
    WEIGHABLE,
    checked_objective,
    objective_named,
    unit_of,
    weights_of,
)
from geoplan.config.programme import Programme, ProgrammeSettings, load_programme
from geoplan.config.scenario import Scenario, at_move_price, load_scenario
from geoplan.config.settings import (
    AllocateSettings,
    NormSettings,
    PortfolioSettings,
    Settings,
    SiteSettings,
    SubdivideSettings,
    TargetSettings,
)
from geoplan.config.words import (
    DECLARED_AREA_SHARE_MAX,
    FIGURE_MAX,
    LAND_KINDS,
    LAYERS,
    REPAIR_AREA_SHARE_MAX,
    UTILITIES,
    UTILITY_KINDS,
    ZONE_AREA_MIN_M2,
    ZONE_OVERLAP_MAX_M2,
    ZONE_USES,
    merged_id,
    part_id,
)
from geoplan.config.writing import (
    default_scenario_text,
    toml_value,
    write_default_scenario,
    write_new,
)

__all__ = [
    "DECLARED_AREA_SHARE_MAX",
    "FIGURE_MAX",
    "LAND_KINDS",
    "LAYERS",
    "OBJECTIVES",
    "REPAIR_AREA_SHARE_MAX",
    "UTILITIES",
    "UTILITY_KINDS",
    "WEIGHABLE",
    "ZONE_AREA_MIN_M2",
    "ZONE_OVERLAP_MAX_M2",
    "ZONE_USES",
    "AllocateSettings",
    "BalanceNorm",
    "FlowNorm",
    "NormProfile",
    "NormSettings",
    "PortfolioSettings",
    "Programme",
    "ProgrammeSettings",
    "RailNorm",
    "Scenario",
    "Settings",
    "SiteSettings",
    "SpzNorm",
    "SubdivideSettings",
    "TargetSettings",
    "at_move_price",
    "checked_objective",
    "default_scenario_text",
    "each_file",
    "load_norms",
    "load_programme",
    "load_scenario",
    "merged_id",
    "objective_named",
    "part_id",
    "toml_value",
    "unit_of",
    "weights_of",
    "write_default_scenario",
    "write_new",
]

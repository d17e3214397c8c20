"""What the page tells of plots and projects: their columns, with words and units."""

from __future__ import annotations

from geoplan.publish.map.tables import Field
from geoplan.publish.map.words import N_

PLOT_FIELDS = (
    Field("plot_id", N_("Plot")),
    Field("zone_id", N_("Zone")),
    Field("block_id", N_("Block")),
    Field("strip_id", N_("Strip")),
    Field("use", N_("Use"), worded=True),
    Field("area_ha", N_("Area"), N_("ha"), 4),
    Field("asked_ha", N_("Cut for a need of"), N_("ha"), 4),
    Field("frontage_m", N_("Frontage"), N_("m"), 1),
    Field("depth_m", N_("Depth"), N_("m"), 1),
    Field("rectangularity", N_("Rectangularity"), digits=2),
    Field("corner", N_("Corner plot")),
    Field("gate_distance_m", N_("Way to a gate"), N_("m")),
    Field("market", N_("Market"), worded=True),
    Field("occupation", N_("Occupation"), worded=True),
    Field("servicing", N_("Servicing"), worded=True),
    Field("available_year", N_("Available from"), grouped=False),
    Field("price_mln_kzt", N_("Price"), N_("mln KZT"), 2),
    Field("cadastral_number", N_("Cadastral number")),
    Field("project_id", N_("Project")),
)

PROJECT_FIELDS = (
    Field("project_id", N_("Project")),
    Field("name", N_("Name")),
    Field("investor", N_("Investor")),
    Field("state", N_("State"), worded=True, passport=False),
    Field("sector", N_("Sector"), worded=True),
    Field("use", N_("Use asked for"), worded=True),
    Field("area_ha", N_("Area asked for"), N_("ha"), 4),
    Field("area_min_ha", N_("Least area"), N_("ha"), 4),
    Field("area_max_ha", N_("Largest area"), N_("ha"), 4),
    Field("frontage_min_m", N_("Least frontage"), N_("m"), 1),
    Field("invest_bn_kzt", N_("Investment"), N_("bn KZT"), 3),
    Field("jobs", N_("Jobs")),
    Field("power_mw", N_("Power"), N_("MW"), 3),
    Field("water_m3d", N_("Water"), N_("m³/day"), 1),
    Field("wastewater_m3d", N_("Waste water"), N_("m³/day"), 1),
    Field("gas_m3h", N_("Gas"), N_("m³/h"), 1),
    Field("heat_gcalh", N_("Heat"), N_("Gcal/h"), 3),
    Field("rail", N_("Rail")),
    Field("hazard_class", N_("Hazard class")),
    Field("sensitive", N_("Sensitive")),
    Field("start_year", N_("Start"), grouped=False),
    Field("waits_for", N_("Waits for")),
    Field("priority", N_("Priority"), digits=2),
    Field("status", N_("Status"), worded=True),
    Field("waiting", N_("Waiting list, place"), passport=False),
    Field("reason", N_("Why it has no plot"), passport=False),
)

"""Profiles of Hypothesis: few examples for every run, many with ``GEOPLAN_EXAMPLES=2000``."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

CHECKS_OFF = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)

settings.register_profile(
    "subdivide", max_examples=150, deadline=None, derandomize=True, suppress_health_check=CHECKS_OFF
)
settings.register_profile(
    "thorough",
    max_examples=int(os.environ.get("GEOPLAN_EXAMPLES", "2000")),
    deadline=None,
    suppress_health_check=CHECKS_OFF,
)


def whole_stage() -> settings:
    """The profile that properties of the whole stage run with."""
    return settings.get_profile("thorough" if "GEOPLAN_EXAMPLES" in os.environ else "subdivide")

"""Profile of Hypothesis: 2,000 parks for a whole test run, other numbers with GEOPLAN_EXAMPLES."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

CHECKS_OFF = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)

settings.register_profile(
    "whole stage",
    max_examples=int(os.environ.get("GEOPLAN_EXAMPLES", "2000")),
    deadline=None,
    derandomize=True,
    suppress_health_check=CHECKS_OFF,
)


def whole_stage() -> settings:
    """The profile that properties of the whole stage run with."""
    return settings.get_profile("whole stage")

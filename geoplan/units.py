"""Units of the house: metres and square metres in geometry, hectares in tables."""

from __future__ import annotations

M2_PER_HA = 10_000.0
"""Square metres in a hectare."""

"""Norm profiles: land-balance ranges and distances, each with its source and confidence."""

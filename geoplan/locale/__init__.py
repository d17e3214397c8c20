"""Translations of what users read."""

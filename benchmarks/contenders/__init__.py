"""Whoever divides land, each a script: ``job.json`` in, ``result.json`` out."""

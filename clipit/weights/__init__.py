"""Weights: the small models that ship beside this file, and the published ones: found, fetched, read, converted."""

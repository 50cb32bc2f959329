"""Painters of places and veils, and the brushes they share."""

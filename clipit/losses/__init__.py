"""Losses beside the prompts: pictures in, one number for each out. Weights and sums are the caller's."""

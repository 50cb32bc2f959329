"""Sketching: a wish is read into a scene, and the scene is laid out of pictures that the small models remember."""

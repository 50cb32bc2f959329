"""Drawers: what can be optimised into a picture.

A drawer has `parameters`, tensors with a leading batch of pictures that the optimiser moves; `image()`, the pictures
(B, 3, H, W) in 0..1 that they stand for, differentiable; `constrain()`, called after each step; `factor`, the pixels in
whose multiples it draws; and `unit`, the size of a step that the learning rate multiplies.
"""

from clipit.drawers.vqgan import VQGANDrawer

__all__ = ["VQGANDrawer"]

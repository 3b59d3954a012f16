"""Transforms of examples, one file each with a ``TRANSFORM``: perturbations and augmentations, which datasets name."""

"""Objectives: what a micro-batch adds to the gradients of a step. One file each, with an ``OBJECTIVE``."""

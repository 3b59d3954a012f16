"""The engine room: what makes a step cheap and changes no number."""

VERSION = 1
"""Raised when a change in this room changes results: it is part of the key of every node that computes with a model."""

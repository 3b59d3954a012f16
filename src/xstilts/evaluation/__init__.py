"""The evaluation room: predict → counts → Parquet, all languages of a task in one pass."""

VERSION = 1
"""Raised when a change in this room changes results: it is part of the key of every node that computes with a model."""

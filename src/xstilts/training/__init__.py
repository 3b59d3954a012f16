"""The training room: one loop, and what it is made of: recipe, batches, sampling, optimizer, resumable state.

The only rooms that import torch at top level are this one and ``evaluation``.
"""

VERSION = 1
"""Raised when a change in this room changes results: it is part of the key of every node that computes with a model."""

"""The training room: one loop, and what it is made of: recipe, batches, sampling, optimizer, resumable state.

The only rooms that import torch at top level are this one and ``evaluation``.
"""

"""Heads on an encoder's hidden states: one file per kind of task, each with a ``HEAD``."""

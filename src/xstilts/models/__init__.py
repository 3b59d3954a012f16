"""The models room: one file per family with a ``FAMILY``, what ``model:`` may name, and how checkpoints load.

Safetensors only, never code from a checkpoint. Modules declare without torch; it is imported where a model is built.
"""

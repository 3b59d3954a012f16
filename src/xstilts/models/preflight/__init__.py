"""The check of a model directory before anything else is done with it: without torch, and without loading a model."""

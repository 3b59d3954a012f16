"""The architectures of models, one file each with an ``ARCHITECTURE``: how models load, are made and are trained."""

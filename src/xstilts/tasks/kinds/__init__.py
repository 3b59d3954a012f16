"""The kinds of tasks, one file each with a ``KIND``: all that a kind means apart from the model."""

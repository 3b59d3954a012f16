"""The built-in multilingual world: scenes with exact meaning, spoken in many languages. Needs no torch.

From the ground up: ``world`` (what there is), ``meaning`` (what can be said about it), ``sounds``, ``forms``,
``templates`` and ``grammar`` (one language file, read), ``speaker`` (a meaning becomes a sentence), ``scenes`` and
``truth`` (what happened, and what follows from it), ``sets/`` (one file per kind of task).
"""

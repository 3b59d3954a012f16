"""The heads room: what turns examples into model inputs, a loss and predictions, by (architecture, kind of task).

``head.py`` is the protocol, ``columns.py`` and ``rows.py`` say how inputs are kept; ``<architecture>/`` has a file per
kind, ``any/`` those of kinds for which the architecture does not matter.
"""

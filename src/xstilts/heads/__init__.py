"""The heads room: what turns examples into model inputs, a loss and predictions, by (architecture, kind of task).

``head.py`` is the protocol, ``rows.py`` how inputs are kept; ``encoder/`` holds one file per kind.
"""

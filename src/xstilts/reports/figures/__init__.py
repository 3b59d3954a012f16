"""The charts of a report: some files say what they show, those named after drawing draw it.

Only ``drawing`` and ``map_drawing`` import altair.
"""

"""Heads of text-to-text models, one file per kind of task: what goes in and what comes out are texts.

``texts.py`` puts rows together, ``automaton.py`` says what may be written, ``writing.py`` is what writes. The formats
are mT5's where it has one, and ours, described in ``docs/text-to-text.md``, where it has none.
"""

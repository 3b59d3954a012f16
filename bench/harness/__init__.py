"""What all comparisons of the bench share; ``python -m harness`` (``make bench``) runs them one after another.

A comparison is a script ``bench/NAME.py`` that takes ``--scale``, ``--data``, ``--work`` and ``--json``, prints a table
and writes JSON in which ``verdicts`` are the rows of the table of all (`verdicts.Verdict`). One that cannot run says
so and writes nothing.
"""

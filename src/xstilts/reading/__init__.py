"""Reads the formats in which datasets are published: one module per format, shared by all tasks.

Every reader yields examples in file order and raises ``DataError`` with file and line. Ids and clusters that the
file itself does not give are left empty: ``xstilts.reading.identify`` fills them in over the whole file set.
"""

"""The phases room: one file per method with a ``PHASE``, which runs a node of the graph and commits its entry.

``dispatch.run`` is what an executor is given; ``start``, ``datasets`` and ``supervised`` are what phases share.
"""

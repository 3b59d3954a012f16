"""A package of somebody else's, as it would be installed: each file adds one thing to xstilts by an entry point."""

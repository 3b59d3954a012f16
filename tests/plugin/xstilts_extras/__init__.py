"""A package of somebody else's, which adds to xstilts through entry points alone."""

"""Which texts of a test set occur in a training text: shared character n-grams, and exact matches of what is short."""

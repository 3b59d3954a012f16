"""xstilts: which intermediate training helps my target languages, by how much, and is it real?"""

__version__ = "0.1.0.dev0"

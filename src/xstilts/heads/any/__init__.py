"""Heads for which the architecture does not matter: found where ``heads/<architecture>/`` has none of the kind.

All of them compare the means of a text's states, and nothing is written. A decoder's early states have read little, and
its later ones more; of a text-to-text model they are the encoder's, and the decoder stays as it was.
"""

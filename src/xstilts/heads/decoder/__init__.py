"""Heads of decoders (causal language models), one file per kind of task, on hidden states as the encoder's.

A token's state knows what comes before it and nothing after it: each file says what that means for its kind.
"""

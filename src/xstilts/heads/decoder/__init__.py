"""Heads of decoders (causal language models), one file per kind of task, on hidden states as the encoder's.

A token's state knows what stands before it and nothing behind it: each file says what that means for its kind.
"""

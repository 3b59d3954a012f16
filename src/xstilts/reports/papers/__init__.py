"""A run as a paper has it: its contents, a review by stated checks, and the checklist of responsible research."""

"""Predictors of the best intermediate task, one file each: what they look at, and the score that they give."""

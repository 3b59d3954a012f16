"""Distillation: what a teacher makes of a micro-batch, and what the student's losses make of that."""

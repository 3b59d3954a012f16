"""The engine room: what makes a step cheap and changes no number."""

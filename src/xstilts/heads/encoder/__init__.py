"""The heads/encoder room."""

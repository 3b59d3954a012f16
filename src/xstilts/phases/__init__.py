"""The phases room."""

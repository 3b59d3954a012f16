"""What the tasks of one publication share: where their files are, and how their rows are read."""

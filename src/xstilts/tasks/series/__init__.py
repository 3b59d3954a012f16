"""What the tasks of one publication share: where their files lie, how their rows read."""

"""What a task's file on the leaderboard looks like, how two of them compare, how a run's rows become one."""

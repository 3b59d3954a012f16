"""Claims judged by runs: what a claim says of a run's gains, and the verdict that their replicates give."""

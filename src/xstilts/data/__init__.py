"""The data room: finds, checks and counts the files of a run, and says what is missing; never sees an experiment."""

"""The runs room: runs a graph, keeps the record of it, and works with finished runs."""

"""The pipeline room: node, graph, store, executors, progress. It knows no machine learning."""

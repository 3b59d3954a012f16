"""The evaluation room: predict → counts → Parquet, all languages of a task in one pass."""

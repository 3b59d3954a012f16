"""The metrics room: per-example counts, and scores from their sums. numpy only.

A metric never sees a data set: ``counts`` looks at one example, and whoever aggregates (evaluation, the bootstrap)
sums rows of counts and asks ``scores``. So every interval is a resampling of rows, and no prediction is decoded
twice. The protocol is in ``metric.py``. Each module that declares ``METRIC`` is registered under its file name; here
with what it compares, and its scores (the official one first):

- ``accuracy``: a label with a label (names or indices) → accuracy.
- ``span_f1``: IOB tags with IOB tags (IOB1, IOB2) → f1, precision, recall.
- ``span_f1_bioes``, ``span_f1_bilou``, ``span_f1_bmes``: the same for schemes that close their spans (``schemes``).
- ``pos``: UD tags with UD tags → span_f1, token_accuracy.
- ``squad_v1``: answer texts with a text → f1, exact_match, mean.
- ``squad_v2``: answer texts (none: unanswerable) with a text (``""``: no answer) → f1, exact_match, HasAns_f1,
  HasAns_exact, NoAns_f1, NoAns_exact.
- ``mlqa``: as squad_v1, normalised by the rules of the answer's language.
- ``retrieval_accuracy``: an id with ``{"from_english": id, "to_english": id}`` → english_to_foreign,
  foreign_to_english, both.
- ``mining_f1``: ids of a sentence's translations with ``{"submitted": ids, "oracle": ids}`` → f1, precision, recall,
  oracle_f1.
- ``mean_reciprocal_rank``, ``mean_average_precision``: correct ids with ranked ids → the score of that name.

All scores are fractions in [0, 1]; one whose denominator is 0 is NaN. A new metric is one new file.
"""

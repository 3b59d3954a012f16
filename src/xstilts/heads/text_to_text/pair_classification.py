"""A label for a pair of texts, written as text."""

from xstilts.heads.text_to_text.classification import TextClassification

HEAD = TextClassification("pair_classification")

"""A label for one text, written as text."""

from xstilts.heads.text_to_text.classification import TextClassification

HEAD = TextClassification("single_classification")

"""A label for one text."""

from xstilts.heads.classification import Classification

HEAD = Classification("single_classification")

"""A label for a pair of texts: premise and hypothesis, two sentences to compare."""

from xstilts.heads.classification import Classification

HEAD = Classification("pair_classification")

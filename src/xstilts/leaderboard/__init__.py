"""The leaderboards of XTREME and XTREME-R: a folder of predictions, ``<task>/test-<language>.tsv|json``, and its score.

What google-research/xtreme's ``evaluate.py`` (838c13b) computes, read there and computed by the metrics room; where it
has no figure, or reads past a mistake, ``deviations`` says what is done here. No torch.
"""

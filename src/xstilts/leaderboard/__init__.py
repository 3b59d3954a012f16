"""The leaderboards of XTREME and XTREME-R: a folder of predictions, ``<task>/test-<language>.tsv|json``, and its score.

The figures are those of google-research/xtreme's ``evaluate.py`` (838c13b), computed by the metrics room; where it
has no figure, or ignores a mistake, ``deviations`` says what is done here. No torch.
"""

"""The charts of a report: ``pictures`` says what they show, ``drawing`` draws it; only ``drawing`` imports altair."""

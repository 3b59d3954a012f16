"""The charts of a report: ``pictures`` says what they show, ``drawing`` draws it and alone imports altair."""

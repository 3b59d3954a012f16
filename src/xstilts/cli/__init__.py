"""The commands: ``xstilts run``, ``plan``, ``report``, ``list`` …; one file each, heavy imports inside."""

from xstilts.cli.app import main

__all__ = ["main"]

"""The ledger of claims that comes with the package: one YAML file each, the file name is the claim's name."""

from pathlib import Path

FOLDER = Path(__file__).parent

"""The experiments that come with the package: one YAML file each, the file name is the experiment's name."""

from pathlib import Path

FOLDER = Path(__file__).parent


def ready_experiments() -> dict[str, Path]:
    """Name → file."""
    return {file.stem: file for file in sorted(FOLDER.glob("*.yaml"))}

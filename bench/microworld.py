"""Measures how many sentences a second one core says in each language of the microworld.

python bench/microworld.py [LANGUAGE]...
"""

from __future__ import annotations

import sys
import time
from random import Random

from xstilts.microworld import grammar, text
from xstilts.microworld.meaning import Clause, Text
from xstilts.microworld.speaker import Speaker

SENTENCES = 4_000
ROUNDS = 5
WANTED = 20_000
"""Sentences a second: text for a small model in a minute."""


def fastest(language: str, meanings: list[Clause | Text]) -> float:
    """Sentences a second in the best of several rounds, each of other sentences; other processes only take away."""
    speaker = Speaker(grammar.load(language))
    found = []
    for start in range(0, len(meanings), SENTENCES):
        some = meanings[start : start + SENTENCES]
        began = time.process_time()
        for meaning in some:
            speaker.say(meaning)
        found.append(len(some) / (time.process_time() - began))
    return max(found)


def main() -> None:
    random = Random(1)
    meanings = [text.sentence(random) for _ in range(SENTENCES * ROUNDS)]
    slow = []
    for language in sys.argv[1:] or grammar.known():
        rate = fastest(language, meanings)
        slow += [language] * (rate < WANTED)
        print(f"{language}  {rate:8,.0f} sentences/s")
    if slow:
        print(f"below {WANTED:,}: {', '.join(slow)}", file=sys.stderr)


if __name__ == "__main__":
    main()

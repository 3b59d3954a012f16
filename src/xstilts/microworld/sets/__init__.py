"""The datasets of the microworld, one file per kind of task: what is asked, and what is right, in no language yet.

Each module has ``make(split, count, *, seed, difficulty)``, which gives items made of meanings, every choice a
function of the seed, and ``say(item, speaker)``, which puts one into a language.
"""

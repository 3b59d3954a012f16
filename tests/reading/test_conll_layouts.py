"""Files of one word a line: which columns count, what separates them, what is a comment, what is no word."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from xstilts.errors import DataError
from xstilts.reading import conll, notes, supertags

EMPTY = "\t_" * 6
UD = (
    "# newdoc\n#sent_id=a\n# text = Sie ging ins Kino\n"
    f"1\tSie\tsie\tPRON{EMPTY}\n2\tging\tgehen\tVERB{EMPTY}\n"
    f"3-4\tins\t_\t_{EMPTY}\n3\tin\tin\tADP{EMPTY}\n4\tdas\tder\tDET{EMPTY}\n5\tKino\tKino\tNOUN{EMPTY}\n"
    f"5.1\tging\tgehen\tVERB{EMPTY}\n\n"
    f"# text = # 7\n1\t#\t#\tSYM{EMPTY}\n2\t7 000\t7000\tNUM{EMPTY}\n\n"
)
WORDS = [("Sie", "ging", "in", "das", "Kino"), ("#", "7 000")]
TAGS = [("PRON", "VERB", "ADP", "DET", "NOUN"), ("SYM", "NUM")]


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(file: Path, **options: object) -> list[tuple[tuple[str, ...], tuple[str, ...] | None]]:
    return [(one.tokens, one.tags) for one in conll.read(file, **options)]  # type: ignore[arg-type]


def said(file: Path, **options: object) -> list[str]:
    with notes.collected() as found:
        read(file, **options)
    return found


@pytest.mark.parametrize("name", ["a.conllu", "a.conll", "a.txt", "a.bio", "a"])
def test_ten_columns_with_ids_are_form_and_upos_whatever_the_name(tmp_path: Path, name: str) -> None:
    file = write(tmp_path / name, UD)
    assert read(file) == list(zip(WORDS, TAGS, strict=True))
    assert any("read as CoNLL-U" in note for note in said(file)) == (name != "a.conllu")


def test_packed_conllu_and_named_columns(tmp_path: Path) -> None:
    packed = write(tmp_path / "a.conllu.gz", gzip.compress(UD.encode()))
    assert read(packed) == list(zip(WORDS, TAGS, strict=True))
    assert read(packed, token_column=1, tag_column=3) == list(zip(WORDS, TAGS, strict=True))
    lemmas = read(packed, token_column=2)
    assert lemmas[0] == (("sie", "gehen", "in", "der", "Kino"), TAGS[0])


def test_conllu_without_tags_or_with_a_few(tmp_path: Path) -> None:
    blank = UD
    for tag in ("PRON", "VERB", "ADP", "DET", "NOUN", "SYM", "NUM"):
        blank = blank.replace(f"\t{tag}\t", "\t_\t")
    assert read(write(tmp_path / "a.conllu", blank)) == [(words, None) for words in WORDS]
    some = write(tmp_path / "b.conllu", UD.replace("\tDET\t", "\t_\t"))
    assert read(some)[0][0] == ("Sie", "ging", "in", "Kino")
    assert said(some) == ["b.conllu:8: 1 words without a tag (_) are left out"]
    assert read(some, labels=("_", *TAGS[0], *TAGS[1]))[0][0] == WORDS[0]


def test_conllu_plus_names_its_columns(tmp_path: Path) -> None:
    content = "# global.columns = ID UPOS FORM\n# text = Ja\n1\tINTJ\tJa\n2\tPUNCT\t!\n"
    assert read(write(tmp_path / "a.conllup", content)) == [(("Ja", "!"), ("INTJ", "PUNCT"))]


def test_other_files_with_ids(tmp_path: Path) -> None:
    three = write(tmp_path / "a.conll", "1\tKofi\tB-PER\n2\tleft\tO\n\n1\tYes\tO\n")
    assert read(three) == [(("Kofi", "left"), ("B-PER", "O")), (("Yes",), ("O",))]
    assert "the first column" in said(three)[0] or "first column counts" in said(three)[0]
    four = write(tmp_path / "b.conll", "#\tsource\n1\tKofi\tB-PER\tO\n2\tleft\tO\tO\n")
    with pytest.raises(DataError, match=r"b\.conll:2: the first of 4 columns counts the words .*columns: \{tokens: 1"):
        read(four)
    assert read(four, token_column=1, tag_column=2) == [(("Kofi", "left"), ("B-PER", "O"))]


def test_names_of_documents_are_no_words(tmp_path: Path) -> None:
    rows = "".join(f"bc/a/0 0 {n} w{n} NN *\n" for n in range(4))
    file = write(tmp_path / "a.conll", f"#begin document (bc/a/0); part 000\n{rows}\n{rows}#end document\n")
    with pytest.raises(DataError, match=r"the first column holds 'bc/a/0' line after line.*columns"):
        read(file)
    assert read(file, token_column=3, tag_column=4)[0] == (("w0", "w1", "w2", "w3"), ("NN",) * 4)


@pytest.mark.parametrize(
    "content",
    [
        "-DOCSTART- -X- O O\n\nKofi NNP B-NP B-PER\nleft VBD B-VP O\n\n-DOCSTART- -X- O O\n\nYes UH B-INTJ O\n",
        "Kofi\tB-PER\nleft\tO\n\t\nYes\tO\n",
        "Kofi  B-PER\nleft \t O\n \nYes O\n\n\n",
        "word tag\nKofi B-PER\nleft O\n\nYes O\n",
        "tokens\tner_tags\nKofi\tB-PER\nleft\tO\n\nYes\tO\n",
    ],
)
def test_the_word_first_and_its_tag_last(tmp_path: Path, content: str) -> None:
    assert read(write(tmp_path / "a.conll", content)) == [(("Kofi", "left"), ("B-PER", "O")), (("Yes",), ("O",))]


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u3000", "\u2028", "\u0085", "\u2009", "\x0b", "\x1f"])
@pytest.mark.parametrize("separator", [" ", "\t", "  "])
def test_only_blank_and_tab_separate(tmp_path: Path, space: str, separator: str) -> None:
    lines = [f"5{space}000{separator}B-NUM", f"Euro{separator}O", "", f"{space}{separator}O", f"gut{separator}O"]
    file = write(tmp_path / "a.conll", "\n".join(lines) + "\n")
    assert read(file) == [((f"5{space}000", "Euro"), ("B-NUM", "O")), ((space, "gut"), ("O", "O"))]
    assert said(file) == ["a.conll:4: 1 word is nothing but white space, and keeps the place"]


def test_tokens_may_begin_with_a_hash(tmp_path: Path) -> None:
    file = write(tmp_path / "a.tsv", "#metoo\tO\n#\tO\n# a = b\n")
    assert read(file) == [(("#metoo", "#"), ("O", "O"))]
    assert read(write(tmp_path / "b.conll", "# O\n#x O\n")) == [(("#", "#x"), ("O", "O"))]


def test_hidden_words_may_hold_blanks(tmp_path: Path) -> None:
    assert read(write(tmp_path / "test-vi.tsv", "ra\nthành công\n.\n")) == [(("ra", "thành công", "."), None)]


def test_a_stripped_word_of_white_space_keeps_its_place(tmp_path: Path) -> None:
    file = write(tmp_path / "dev-vi.tsv", "Phố\tB-LOC\n\tI-LOC\nCổ\tI-LOC\n")
    assert read(file, stripped=True) == [(("Phố", " ", "Cổ"), ("B-LOC", "I-LOC", "I-LOC"))]
    with pytest.raises(DataError, match=r"dev-vi\.tsv:2: an empty token"):
        read(file)
    raw = write(tmp_path / "vi-dev", "vi:Phố\tB-LOC\nvi:\u00a0\tI-LOC\nvi: \tI-LOC\nvi:Cổ\tI-LOC\n\n")
    assert read(raw, stripped=True)[0][0] == ("Phố", "\u00a0", " ", "Cổ")
    assert said(raw, stripped=True) == ["vi-dev:2: 2 words are nothing but white space, and keep the place"]


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("New York B-LOC\nis O\nbig O\n", {}, r":1: 3 columns where the other lines have 2"),
        ("Kofi\tO\nleft\tO\tx\nYes\tO\n", {}, r":2: 3 columns where the other lines have 2"),
        ("Kofi O\nleft O\n", {"tag_column": 7}, r":1: no column 7: the lines have 2"),
        ("Kofi O\nleft O\n", {"token_column": -3}, r":1: no column -3"),
        ("1 1 O\n4 2 O\n9 3 O\n", {}, r"the first column holds nothing but numbers"),
    ],
)
def test_what_cannot_be_meant_names_the_line(
    tmp_path: Path, content: str, options: dict[str, int], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read(write(tmp_path / "a.conll", content), **options)


def test_supertagged_words_keep_their_white_space(tmp_path: Path) -> None:
    piped = write(tmp_path / "a.stagged", "5\u00a0000|N/N men|N\n")
    assert [one.tokens for one in supertags.read(piped, "eng-Latn")] == [("5\u00a0000", "men")]
    halves = write(tmp_path / "ccg.train", "5\u3000000 men\tN/N N\n")
    assert [one.tokens for one in supertags.read(halves, "eng-Latn")] == [("5\u3000000", "men")]
    auto = write(tmp_path / "a.auto", "ID=1\n(<T NP 0 1> (<L N/N CD CD 5\u00a0000 N/N>) (<L N NN NN men N>) )\n")
    assert [one.tokens for one in supertags.read(auto, "eng-Latn")] == [("5\u00a0000", "men")]

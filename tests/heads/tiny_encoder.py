"""A tiny encoder, three kinds of tokenizers over our own sentences, and what a loop does with a head."""

from __future__ import annotations

import functools

import numpy as np
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from xstilts.engine.batches import collate, to_tensors
from xstilts.heads.head import Vocabulary
from xstilts.heads.rows import Rows
from xstilts.reading.examples import (
    Answer,
    AnswerInContext,
    AnswerSentence,
    Bitext,
    Choice,
    Classified,
    ComparableSentence,
    Question,
    Tagged,
    Text,
)

STYLES = ("sentencepiece", "wordpiece", "bytes")

SENTENCES = (
    "The old ferry leaves the harbour at seven every morning.",
    "A baker sells warm bread beside the river.",
    "Nobody saw the grey cat on the roof.",
    "Der Zug nach Norden fährt heute später ab.",
    "वह किताब मेज़ पर रखी है और लड़की पढ़ती है।",
    "كَتَبَ الوَلَدُ رِسَالَةً إلى جَدَّتِهِ",
    "แมวสีดำนอนอยู่บนหลังคาบ้าน",
    "老渔夫每天早上七点出海。",
    "Mtoto anacheza mpira nje ya nyumba.",
    "Kitap masanın üstünde duruyor.",
)


def bitext(number: int, source: str, target: str) -> Bitext:
    return Bitext(example_id=str(number), cluster_id=str(number), source=source, target=target)


def aligned(number: int, text: str, translation: str | None) -> Text:
    return Text(
        example_id=str(number),
        cluster_id=str(number),
        text=text,
        language="eng-Latn",
        translation=translation,
        translation_language=translation and "deu-Latn",
    )


def comparable(identity: str, text: str, *translations: str, language: str = "deu-Latn") -> ComparableSentence:
    spoken = "eng-Latn" if identity.startswith("en") else language
    return ComparableSentence(
        example_id=identity, cluster_id=identity, text=text, language=spoken, translations=translations
    )


def question(number: int, asked: str, context: str, *answers: str) -> Question:
    found = tuple(Answer(text=answer, start=context.index(answer)) for answer in answers)
    return Question(example_id=str(number), cluster_id="p", question=asked, context=context, answers=found)


def examples_of(kind: str) -> tuple[list, tuple[str, ...]]:
    """Eight examples (or so) and the labels of a kind."""
    words = [tuple(sentence.split()) for sentence in SENTENCES[:8]]
    tags = ("O", "B-SHORT", "B-LONG")
    found: dict[str, tuple[list, tuple[str, ...]]] = {
        "single_classification": (
            [
                Classified(example_id=str(i), cluster_id=str(i), first=s, label=("odd", "even")[i % 2])
                for i, s in enumerate(SENTENCES[:8])
            ],
            ("even", "odd"),
        ),
        "pair_classification": (
            [
                Classified(example_id=str(i), cluster_id=str(i), first=s, second=SENTENCES[i // 3], label=str(i % 3))
                for i, s in enumerate(SENTENCES[:8])
            ],
            ("0", "1", "2"),
        ),
        "tagging": (
            [
                Tagged(example_id=str(i), cluster_id=str(i), tokens=w, tags=tuple(tags[min(2, len(x) // 3)] for x in w))
                for i, w in enumerate(words)
            ],
            tags,
        ),
        "extractive_qa": (
            [question(i, "What is last?", s, s.split()[-1]) for i, s in enumerate(SENTENCES[:8])],
            (),
        ),
        "multiple_choice": (
            [
                Choice(example_id=str(i), cluster_id=str(i), prompt=s, choices=tuple(w[: 2 + i % 3]), label=i % 2)
                for i, (s, w) in enumerate(zip(SENTENCES, [SENTENCES[0].split()] * 8, strict=False))
            ],
            (),
        ),
        "masked_lm": (
            [
                *(Text(example_id=str(i), cluster_id=str(i), text=s, language="x") for i, s in enumerate(SENTENCES)),
                Text(
                    example_id="t",
                    cluster_id="t",
                    text=SENTENCES[2],
                    language="eng-Latn",
                    translation=SENTENCES[3],
                    translation_language="deu-Latn",
                ),
            ],
            (),
        ),
        "translation_contrast": ([aligned(i, s, SENTENCES[-1 - i]) for i, s in enumerate(SENTENCES[:8])], ()),
        "sentence_retrieval": ([bitext(i, s, SENTENCES[-1 - i]) for i, s in enumerate(SENTENCES)], ()),
        "bitext_mining": (
            [
                *(comparable(f"de-{i}", s, f"en-{i}") for i, s in enumerate(SENTENCES[3:8])),
                *(comparable(f"en-{i}", s) for i, s in enumerate(SENTENCES[:5])),
            ],
            (),
        ),
        "dual_encoder": (
            [
                AnswerInContext(
                    example_id=str(i),
                    cluster_id=str(i // 2),
                    question=SENTENCES[i],
                    language="eng-Latn",
                    context=f"{SENTENCES[i // 2]} {SENTENCES[9 - i // 2]}",
                    candidates=(SENTENCES[i // 2], SENTENCES[9 - i // 2]),
                    candidate_ids=(f"{i // 2}:0", f"{i // 2}:1"),
                    correct=i % 2,
                )
                for i in range(8)
            ],
            (),
        ),
        "answer_retrieval": (
            [
                AnswerSentence(
                    example_id=str(i // 2),
                    cluster_id="p",
                    question=s,
                    language=("eng-Latn", "deu-Latn")[i % 2],
                    candidates=SENTENCES[3 * (i % 2) : 3 * (i % 2) + 3],
                    candidate_ids=tuple(f"{i % 2}:{k}" for k in range(3)),
                    correct=i // 2,
                )
                for i, s in enumerate(SENTENCES[:6])
            ],
            (),
        ),
    }
    return found[kind]


@functools.cache
def tokenizer(style: str):
    """``sentencepiece`` with XLM-R's template, ``wordpiece`` with BERT's (and segments), or ``bytes``."""
    from transformers import PreTrainedTokenizerFast

    cls, sep = ("[CLS]", "[SEP]") if style == "wordpiece" else ("<s>", "</s>")
    special = [cls, "<pad>", sep, "<unk>", "<mask>"]
    backend = {"sentencepiece": _sentencepiece, "wordpiece": _wordpiece, "bytes": _bytes}[style](special)
    pair = f"{cls} $A {sep} $B:1 {sep}:1" if style == "wordpiece" else f"{cls} $A {sep} {sep} $B {sep}"
    backend.post_processor = processors.TemplateProcessing(
        single=f"{cls} $A {sep}", pair=pair, special_tokens=[(t, special.index(t)) for t in (cls, sep)]
    )
    names = ["input_ids", "attention_mask"] + ["token_type_ids"] * (style == "wordpiece")
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        cls_token=cls,
        sep_token=sep,
        pad_token="<pad>",
        unk_token="<unk>",
        mask_token="<mask>",
        model_input_names=names,
        model_max_length=16,
    )


def vocabulary(style: str) -> Vocabulary:
    tok = tokenizer(style)
    return Vocabulary(size=len(tok), mask_id=tok.mask_token_id, special_ids=tuple(tok.all_special_ids))


@functools.cache
def backbone(*, language_model: bool = False):
    """A ModernBERT of 2 layers of width 32, in evaluation mode."""
    from transformers import ModernBertConfig, ModernBertForMaskedLM, ModernBertModel

    torch.manual_seed(0)
    config = ModernBertConfig(
        vocab_size=600,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=512,
        pad_token_id=1,
        bos_token_id=0,
        cls_token_id=0,
        eos_token_id=2,
        sep_token_id=2,
        global_attn_every_n_layers=1,
    )
    return (ModernBertForMaskedLM if language_model else ModernBertModel)(config).eval()


def hidden_states(head, model, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """What the head reads of the backbone."""
    output = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], output_hidden_states=True)
    layer = head.layer(model.config.num_hidden_layers)
    return output.last_hidden_state if layer is None else output.hidden_states[layer]


def pack(rows: list[dict]) -> Rows:
    """Rows as the cache holds them."""
    ragged = {
        name: (
            np.array([v for row in rows for v in row[name]], dtype=np.int32),
            np.cumsum([0, *(len(row[name]) for row in rows)]),
        )
        for name, value in rows[0].items()
        if isinstance(value, list)
    }
    scalars = {n: np.array([row[n] for row in rows]) for n, v in rows[0].items() if isinstance(v, int)}
    return Rows(ragged=ragged, scalars=scalars)


def encode(head, examples, labels=(), *, style="sentencepiece", max_length=64, training=False) -> list[dict]:
    return list(
        head.encode(examples, tokenizer=tokenizer(style), labels=labels, max_length=max_length, training=training)
    )


def batch_of(head, rows: list[dict], *, style="sentencepiece", seed=0) -> dict[str, torch.Tensor]:
    """All rows as one prepared batch."""
    arrays = collate(pack(rows), np.arange(len(rows)), pad_id=1, columns=head.columns)
    prepared = head.prepare(arrays, rng=np.random.default_rng(seed), vocabulary=vocabulary(style))
    return to_tensors(prepared, torch.device("cpu"))


def module_of(head, labels=(), *, dropout=0.0):
    """The head's module; of the masked LM the model's own output layer."""
    if head.kind == "masked_lm":
        whole = backbone(language_model=True)
        return torch.nn.Sequential(whole.head, whole.decoder)
    torch.manual_seed(1)
    return head.build(hidden_size=32, labels=labels, dropout=dropout)


def outputs_of(head, module, model, rows: list[dict], *, size: int, style="sentencepiece") -> list[dict]:
    """``predict`` over all rows in batches of ``size``."""
    found = []
    with torch.inference_mode():
        for start in range(0, len(rows), size):
            batch = batch_of(head, rows[start : start + size], style=style)
            found += head.predict(module, hidden_states(head, model, batch), batch)
    return found


def decoded(head, outputs: list[dict], rows: list[dict], examples, labels=()) -> list:
    packed = pack(rows)
    return head.decode(outputs, [packed.row(i) for i in range(len(packed))], examples, labels=labels)


def _characters(normalise) -> list[str]:
    extra = "abcdefghijklmnopqrstuvwxyz?!.,0123456789"
    return sorted(set(extra + normalise("".join(SENTENCES))) - {" "})


def _sentencepiece(special: list[str]) -> Tokenizer:
    normaliser = normalizers.NFKC()
    words = sorted({"▁" + w for s in SENTENCES for w in normaliser.normalize_str(s).split()})
    pieces = [(t, 0.0) for t in special] + [("▁", -6.0)]
    pieces += [(c, -8.0) for c in _characters(normaliser.normalize_str)] + [(w, -9.0) for w in words]
    made = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    made.normalizer, made.pre_tokenizer = normaliser, pre_tokenizers.Metaspace()
    return made


def _wordpiece(special: list[str]) -> Tokenizer:
    normaliser = normalizers.BertNormalizer(lowercase=True)
    letters = _characters(normaliser.normalize_str)
    words = sorted({w for s in SENTENCES for w in normaliser.normalize_str(s).split()} - set(letters))
    pieces = [*special, *letters, *("##" + c for c in letters), *words]
    made = Tokenizer(models.WordPiece({p: i for i, p in enumerate(pieces)}, unk_token="<unk>"))
    made.normalizer, made.pre_tokenizer = normaliser, pre_tokenizers.BertPreTokenizer()
    return made


def _bytes(special: list[str]) -> Tokenizer:
    pieces = [*special, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    made = Tokenizer(models.BPE({p: i for i, p in enumerate(pieces)}, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return made

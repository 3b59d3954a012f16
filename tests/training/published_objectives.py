"""The published algorithms of robust training, written out on transformers' own padded forward pass.

Each goes backward, and gives the loss and the perturbation of every pass.
"""

from __future__ import annotations

import torch
from torch.nn import functional

SEED = 11


class Reference:
    """Forward passes of transformers' model on padded embeddings."""

    def __init__(self, model, batch, kind: str, shape: str) -> None:
        self.model, self.batch, self.kind = model, batch, kind
        self.typed = (
            {"token_type_ids": batch["token_type_ids"]} if shape == "bert" and "token_type_ids" in batch else {}
        )
        self.mask = batch["attention_mask"]

    @property
    def words(self):
        return self.model.encoder.get_input_embeddings()(self.batch["input_ids"])

    def decisions(self, embedded):
        states = self.model.encoder(inputs_embeds=embedded, attention_mask=self.mask, **self.typed).last_hidden_state
        head = self.model.heads[self.kind]
        return head.decisions(self.model.module_of(self.kind), states, self.batch)

    def loss(self, embedded):
        return self.decisions(embedded).loss()[0]


def frobenius(delta):
    """The norm of each sentence, its padding left out."""
    return torch.stack([row.flatten().norm() for row in delta])[:, None, None]


def fgm(of: Reference, *, epsilon):
    delta = torch.zeros_like(of.words.detach(), requires_grad=True)
    clean = of.loss(of.words + delta)
    clean.backward()
    moved = epsilon * delta.grad / frobenius(delta.grad)
    adversarial = of.loss(of.words + moved)
    adversarial.backward()
    return float((clean + adversarial).detach()), [torch.zeros_like(moved), moved]


def start(of: Reference, magnitude):
    """As ``run_glue_freelb.py`` draws it."""
    torch.manual_seed(SEED)
    delta = torch.zeros_like(of.words.detach()).uniform_(-1, 1) * of.mask.unsqueeze(2)
    dims = of.mask.sum(1) * delta.shape[-1]
    return (delta * (magnitude / torch.sqrt(dims)).view(-1, 1, 1)).detach()


def projected(delta, gradient, rate, largest):
    delta = delta + rate * gradient / frobenius(gradient).clamp(min=1e-8)
    norm = frobenius(delta)
    exceeds = (norm > largest).float()
    return (delta * (largest / norm * exceeds + (1 - exceeds))).detach()


def freelb(of: Reference, *, initial_magnitude, adversarial_learning_rate, max_norm, steps):
    delta, deltas, total = start(of, initial_magnitude), [], 0.0
    for step in range(steps):
        delta.requires_grad_()
        deltas.append(delta.detach())
        loss = of.loss(of.words + delta) / steps
        loss.backward()
        total += float(loss.detach())
        if step < steps - 1:
            delta = projected(delta.detach(), delta.grad, adversarial_learning_rate, max_norm)
    return total, deltas


def pgd(of: Reference, *, initial_magnitude, adversarial_learning_rate, max_norm, steps):
    delta, deltas = start(of, initial_magnitude), []
    for step in range(steps):
        delta.requires_grad_()
        deltas.append(delta.detach())
        of.model.zero_grad()
        loss = of.loss(of.words + delta)
        loss.backward()
        if step < steps - 1:
            delta = projected(delta.detach(), delta.grad, adversarial_learning_rate, max_norm)
    return float(loss.detach()), deltas


def stable_kl(logits, target, guard=1e-6):
    """mt-dnn, ``perturbation.py``."""
    p, y = functional.log_softmax(logits, 1).exp(), functional.log_softmax(target, 1).exp()
    rp = -(1.0 / (p + guard) - 1 + guard).detach().log()
    ry = -(1.0 / (y + guard) - 1 + guard).detach().log()
    return (p * (rp - ry) * 2).sum()


def symmetric(logits, target, fixed):
    """``SymKlCriterion`` of mt-dnn and, nothing fixed, ``_get_symm_kl`` of fairseq's R3F."""
    keep = (lambda x: x.detach()) if fixed else (lambda x: x)
    log_p, log_q = logits.log_softmax(-1), target.log_softmax(-1)
    # F.kl_div has no gradient where a probability is 0, as that of padding in a span's is.
    there = (keep(log_q).exp() * (keep(log_q) - log_p)).sum()
    return there + (keep(log_p).exp() * (keep(log_p) - log_q)).sum()


def over(parts, others, between):
    """The parts of a span are averaged, as its loss averages them."""
    return sum(between(p, q) for (p, _), (q, _) in zip(parts, others, strict=True)) / len(parts)


def smart(of: Reference, *, steps, weight, size, step_size):
    found, fixed = of.decisions(of.words), of.words.detach()
    torch.manual_seed(SEED)
    noise, deltas = torch.zeros_like(fixed).normal_() * 1e-5 * of.mask.unsqueeze(2), []
    for _ in range(steps):
        noise.requires_grad_()
        deltas.append(noise.detach())
        moved = of.decisions(fixed + noise)
        (gradient,) = torch.autograd.grad(over(moved.parts, found.parts, lambda p, q: stable_kl(p, q.detach())), noise)
        noise = noise.detach() + gradient * step_size
        noise = size * noise / (noise.abs().max(-1, keepdim=True)[0] + 1e-6)
    noisy = of.decisions(of.words + noise)
    loss = found.loss()[0] + weight * over(found.parts, noisy.parts, lambda p, q: symmetric(p, q, fixed=True))
    loss.backward()
    return float(loss.detach()), [*deltas, noise]


def r3f(of: Reference, *, epsilon=1e-5, weight=1.0):
    found = of.decisions(of.words)
    torch.manual_seed(SEED)
    noise = torch.zeros_like(of.words.detach()).uniform_(-1, 1) * epsilon * of.mask.unsqueeze(2)
    noisy = of.decisions(of.words.detach() + noise)
    loss = found.loss()[0] + weight * over(found.parts, noisy.parts, lambda p, q: symmetric(p, q, fixed=False))
    loss.backward()
    return float(loss.detach()), [noise]


REFERENCES = {"fgm": fgm, "pgd": pgd, "freelb": freelb, "smart": smart, "r3f": r3f}

"""Predictors against plain transcriptions of the published algorithms, numbers by hand, and their invariances."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xstilts import registry
from xstilts.analysis.predictors import (
    genealogical_distance,
    h_score,
    h_score_regularised,
    leep,
    logme,
    nce,
    parc,
    transrate,
    typological_distance,
)
from xstilts.analysis.predictors.predictor import ROOM, Evidence, Predictor, cosine

SEEDS = st.integers(0, 2**32 - 1)


def rows(seed, *, n=40, d=6, classes=3, apart=1.0):
    """Features with means by class, and labels with at least one row of each."""
    rng = np.random.default_rng(seed)
    labels = np.r_[np.arange(classes), rng.integers(0, classes, n - classes)]
    means = rng.normal(size=(classes, d)) * apart
    return rng.normal(size=(n, d)) + means[labels], labels


def probabilities(seed, *, n=40, z=4):
    raw = np.random.default_rng(seed).random((n, z)) + 1e-3
    return raw / raw.sum(axis=1, keepdims=True)


# LogME ---------------------------------------------------------------------------------------------------------------


def published_logme(features, labels):
    """thuml/LogME, fixed-point version, with numpy's own SVD; of full column rank and more rows than features."""
    n, d = features.shape
    u, s, _ = np.linalg.svd(features, full_matrices=False)
    sigma = s**2
    evidences = []
    for one in range(labels.max() + 1):
        y = (labels == one).astype(float)
        x2 = (u.T @ y) ** 2
        rest = (y**2).sum() - x2.sum()
        alpha, beta = 1.0, 1.0
        for _ in range(11):
            t = alpha / beta
            gamma = (sigma / (sigma + t)).sum()
            m2 = (sigma * x2 / (t + sigma) ** 2).sum()
            e2 = (x2 / (1 + sigma / t) ** 2).sum() + rest
            alpha = gamma / (m2 + 1e-5)
            beta = (n - gamma) / (e2 + 1e-5)
            if abs(alpha / beta - t) / t <= 1e-3:
                break
        value = d / 2 * np.log(alpha) + n / 2 * np.log(beta) - 0.5 * np.log(alpha + beta * sigma).sum()
        evidences.append((value - beta / 2 * e2 - alpha / 2 * m2 - n / 2 * np.log(2 * np.pi)) / n)
    return np.mean(evidences)


@pytest.mark.parametrize("seed", range(5))
def test_logme_is_the_published_algorithm(seed):
    features, labels = rows(seed)
    assert logme.evidence(features, labels) == pytest.approx(published_logme(features, labels), rel=1e-12)


@pytest.mark.parametrize("shape", [(60, 5), (12, 20)])
def test_logme_is_the_largest_evidence_of_the_linear_model(shape):
    """By the density of the labels themselves, also where there are more features than rows."""
    from scipy.optimize import minimize
    from scipy.stats import multivariate_normal

    features, labels = rows(3, n=shape[0], d=shape[1], classes=2)
    best = []
    for one in (0, 1):
        y = (labels == one).astype(float)

        def lost(logs, y=y):
            covariance = np.eye(len(y)) / math.exp(logs[1]) + features @ features.T / math.exp(logs[0])
            return -multivariate_normal(np.zeros(len(y)), covariance).logpdf(y)

        best.append(-minimize(lost, [0.0, 0.0], method="Nelder-Mead").fun / len(y))
    assert logme.evidence(features, labels) == pytest.approx(np.mean(best), abs=0.02)


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_logme_depends_on_neither_the_order_of_rows_nor_the_names_of_classes_nor_a_rotation(seed):
    features, labels = rows(seed)
    value = logme.evidence(features, labels)
    order = np.random.default_rng(seed).permutation(len(labels))
    turned, _ = np.linalg.qr(np.random.default_rng(seed + 1).normal(size=(6, 6)))
    assert logme.evidence(features[order], labels[order]) == pytest.approx(value, rel=1e-9)
    assert logme.evidence(features, (labels + 7) * 3) == pytest.approx(value, rel=1e-9)
    assert logme.evidence(features @ turned, labels) == pytest.approx(value, rel=1e-9)


# LEEP and NCE --------------------------------------------------------------------------------------------------------


def published_leep(theta, labels):
    """Nguyen et al. (2020), equations 1 and 2, one sum at a time."""
    n, z = theta.shape
    y = labels.max() + 1
    joint = np.zeros((y, z))
    for i in range(n):
        joint[labels[i]] += theta[i] / n
    marginal = joint.sum(axis=0)
    total = 0.0
    for i in range(n):
        total += math.log(sum(joint[labels[i], c] / marginal[c] * theta[i, c] for c in range(z) if marginal[c] > 0))
    return total / n


@pytest.mark.parametrize("seed", range(5))
def test_leep_is_the_published_algorithm(seed):
    theta, (_, labels) = probabilities(seed), rows(seed)
    assert leep.likelihood(theta, labels) == pytest.approx(published_leep(theta, labels), rel=1e-12)
    unused = np.c_[theta, np.zeros(len(theta))]
    assert leep.likelihood(unused, labels) == pytest.approx(leep.likelihood(theta, labels), rel=1e-12)


def test_leep_and_nce_by_hand():
    labels = np.array([0, 0, 1, 1])
    sure = np.array([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    assert leep.likelihood(sure, labels) == pytest.approx(0)
    assert nce.conditional_entropy(sure.argmax(axis=1), labels) == pytest.approx(0)
    useless = np.full((4, 2), 0.5)
    assert leep.likelihood(useless, labels) == pytest.approx(-math.log(2))
    # three of class 0, of which two have label 0; one of class 1: 3/4 · H(1/3)
    expected = 0.75 * -(2 / 3 * math.log(2 / 3) + 1 / 3 * math.log(1 / 3))
    assert nce.conditional_entropy(np.array([0, 0, 0, 1]), labels) == pytest.approx(expected)


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_leep_is_at_most_zero_and_of_hard_decisions_minus_the_conditional_entropy(seed):
    theta, (_, labels) = probabilities(seed), rows(seed)
    assert leep.likelihood(theta, labels) <= 1e-12
    decided = theta.argmax(axis=1)
    hard = np.eye(theta.shape[1])[decided]
    assert leep.likelihood(hard, labels) == pytest.approx(-nce.conditional_entropy(decided, labels), abs=1e-9)


# H-score -------------------------------------------------------------------------------------------------------------


def published_h_score(features, labels):
    """Bao et al. (2019): covariances by numpy, the means of the labels in the place of the rows."""
    means = np.zeros_like(features)
    for one in np.unique(labels):
        means[labels == one] = features[labels == one].mean(axis=0)
    return np.trace(np.linalg.pinv(np.cov(features, rowvar=False)) @ np.cov(means, rowvar=False))


@pytest.mark.parametrize("seed", range(5))
def test_h_score_is_the_published_algorithm(seed):
    features, labels = rows(seed)
    assert h_score.h_score(features, labels) == pytest.approx(published_h_score(features, labels), rel=1e-9)


@pytest.mark.parametrize(("n", "d"), [(40, 6), (15, 30)])
def test_the_covariance_is_shrunk_as_by_ledoit_and_wolf(n, d):
    covariance = pytest.importorskip("sklearn.covariance")
    features, labels = rows(4, n=n, d=d)
    centred = features - features.mean(axis=0)
    reference = covariance.LedoitWolf(assume_centered=True).fit(centred)
    found, alpha = h_score_regularised.shrunk(centred)
    assert alpha == pytest.approx(reference.shrinkage_, rel=1e-9)
    np.testing.assert_allclose(found, reference.covariance_, rtol=1e-9, atol=1e-12)
    means = h_score.between(centred, labels)
    whole = np.linalg.pinv(reference.covariance_) @ ((1 - reference.shrinkage_) * means.T @ means / n)
    assert h_score_regularised.h_score_regularised(features, labels) == pytest.approx(np.trace(whole), rel=1e-8)


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_h_score_does_not_depend_on_an_invertible_map_and_counts_at_most_the_labels_less_one(seed):
    features, labels = rows(seed)
    value = h_score.h_score(features, labels)
    assert -1e-9 <= value <= 2 + 1e-9
    mixed = features @ (np.eye(6) + 0.1 * np.random.default_rng(seed).normal(size=(6, 6))) + 5
    assert h_score.h_score(mixed, labels) == pytest.approx(value, rel=1e-6)


# TransRate and PARC --------------------------------------------------------------------------------------------------


def published_transrate(features, labels, eps=1e-4):
    """Huang et al. (2022), algorithm 1."""

    def rate(z):
        n, d = z.shape
        return 0.5 * np.linalg.slogdet(np.eye(d) + 1 / (n * eps) * z.T @ z)[1]

    centred = features - features.mean(axis=0, keepdims=True)
    k = labels.max() + 1
    return rate(centred) - sum(rate(centred[labels == i]) for i in range(k)) / k


@pytest.mark.parametrize(("n", "d"), [(40, 6), (12, 30)])
def test_transrate_is_the_published_algorithm(n, d):
    features, labels = rows(5, n=n, d=d)
    assert transrate.transrate(features, labels) == pytest.approx(published_transrate(features, labels), rel=1e-9)


def published_parc(features, labels):
    """Bolya et al. (2021): z-scores, distances by correlation, Spearman over the upper triangles."""
    from scipy.stats import spearmanr, zscore

    hot = np.eye(labels.max() + 1)[labels]
    upper = np.triu_indices(len(labels), 1)
    apart = [1 - np.corrcoef(one)[upper] for one in (zscore(features, axis=0), hot)]
    return spearmanr(apart[0], np.round(apart[1], 9)).statistic


@pytest.mark.parametrize("seed", range(3))
def test_parc_is_the_published_algorithm(seed):
    features, labels = rows(seed)
    assert parc.parc(features, labels) == pytest.approx(published_parc(features, labels), rel=1e-9)


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.floats(0.1, 50), st.floats(-9, 9))
def test_parc_does_not_depend_on_the_scale_of_a_feature_and_transrate_not_on_a_shift(seed, scale, shift):
    features, labels = rows(seed)
    scaled = features * np.r_[scale, np.ones(5)]
    assert parc.parc(scaled, labels) == pytest.approx(parc.parc(features, labels), abs=1e-6)
    shifted = transrate.transrate(features + shift, labels)
    assert shifted == pytest.approx(transrate.transrate(features, labels), rel=1e-6)


def test_parc_takes_a_thousand_of_many_rows():
    features, labels = rows(1, n=2400)
    kept = np.linspace(0, 2399, 1000).round().astype(int)
    assert parc.parc(features, labels) == parc.parc(features[kept], labels[kept])


# What all have in common ---------------------------------------------------------------------------------------------


def evidence_of(features, labels, theta, **more):
    return Evidence(features=features, labels=labels, probabilities=theta, **more)


@pytest.mark.parametrize("name", ["logme", "leep", "nce", "h_score", "h_score_regularised", "transrate", "parc"])
def test_classes_that_lie_apart_are_preferred_to_noise(name):
    """The head knows the labels where the features do."""
    labels = rows(6)[1]
    apart, noise = rows(6, apart=4.0)[0], np.random.default_rng(0).normal(size=(40, 6))
    knows, guesses = 0.9 * np.eye(3)[labels] + 0.1 / 3, probabilities(8, z=3)
    score = registry.find(ROOM, name).score
    assert score(evidence_of(apart, labels, knows)) > score(evidence_of(noise, labels, guesses))


@pytest.mark.parametrize("name", ["logme", "h_score", "h_score_regularised", "transrate", "parc"])
def test_one_class_or_features_that_do_not_vary_define_no_score(name):
    score = registry.find(ROOM, name).score
    one_class = score(evidence_of(rows(1)[0], np.zeros(40, dtype=int), None))
    assert math.isnan(one_class) or one_class == pytest.approx(0)
    constant = score(evidence_of(np.ones((40, 6)), rows(1)[1], None))
    assert math.isnan(constant) or np.isfinite(constant)


def test_embeddings_are_compared_by_their_angle():
    one, other = np.array([1.0, 0, 0]), np.array([1.0, 1, 0])
    assert cosine(one, other) == pytest.approx(math.sqrt(0.5))
    assert cosine(3 * one, 0.1 * one) == pytest.approx(1)
    assert math.isnan(cosine(one, 0 * one))
    texts = Evidence(source_text=one, target_text=other, source_task=other, target_task=other)
    assert registry.find(ROOM, "text_embedding").score(texts) == pytest.approx(math.sqrt(0.5))
    assert registry.find(ROOM, "task_embedding").score(texts) == pytest.approx(1)


def test_size_and_the_few_shot_proxy_say_what_they_are_given():
    given = Evidence(examples=12, dev_score=0.25)
    assert registry.find(ROOM, "size").score(given) == 12
    assert registry.find(ROOM, "few_shot_proxy").score(given) == 0.25


def test_languages_are_near_by_genus_and_family():
    distance = genealogical_distance.distance
    assert distance("deu-Latn", "deu-Latn") == 0
    assert distance("eng-Latn", "deu-Latn") == pytest.approx(1 / 3)
    assert distance("eng-Latn", "rus-Cyrl") == pytest.approx(2 / 3)
    assert distance("eng-Latn", "tur-Latn") == 1
    assert math.isnan(distance("eng-Latn", "xxx-Latn"))
    given = Evidence(source_languages=("eng-Latn", "tur-Latn"), target_language="rus-Cyrl")
    assert registry.find(ROOM, "genealogical_distance").score(given) == pytest.approx(-2 / 3)


def test_typological_distance_is_symmetric_and_within_bounds():
    distance = typological_distance.distance
    codes = ("eng-Latn", "deu-Latn", "tur-Latn", "zho-Hani", "swa-Latn")
    for one in codes:
        assert distance(one, one) == 0
        for other in codes:
            assert distance(one, other) == distance(other, one)
            assert 0 <= distance(one, other) <= 1
    assert distance("eng-Latn", "deu-Latn") < distance("eng-Latn", "tur-Latn")


@pytest.mark.parametrize("name", registry.names(ROOM))
def test_each_is_described(name):
    found, module = registry.find(ROOM, name), registry.modules(ROOM)[name]
    assert isinstance(found, Predictor)
    assert found.title[0].isupper()
    assert found.needs
    assert found.version >= 1
    assert found.paper is None or found.paper.startswith("https://")
    assert (module.__doc__ or "").strip()

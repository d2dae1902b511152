"""AUC and DeLong agree with the definitions, with scikit-learn and with resampling."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from madang.kernel.errors import InputError
from madang.kernel.stats.auc import auc, delong


def cases(n=120, k=3, *, decimals=8, seed=0):
    """Labels, and scores that share their noise."""
    rng = np.random.default_rng(seed)
    labels = rng.random(n) < 0.3
    noise = rng.normal(size=n)
    return labels, (labels + noise + rng.normal(size=(k, n))).round(decimals)


def direct_delong(labels, scores):
    """The definition: every positive case against every negative one."""
    over = []
    for row in scores:
        upper, lower = row[labels][:, None], row[~labels][None]
        over.append((upper > lower) + 0.5 * (upper == lower))
    kernel = np.stack(over)
    estimates = kernel.mean(axis=(1, 2))
    of_positive, of_negative = kernel.mean(axis=2), kernel.mean(axis=1)
    return estimates, (np.cov(of_positive) / labels.sum() + np.cov(of_negative) / (~labels).sum())


@pytest.mark.parametrize("decimals", [8, 1, 0])
def test_mid_ranks_give_what_all_pairs_give(decimals):
    labels, scores = cases(decimals=decimals)

    found = delong(labels, scores)

    estimates, covariance = direct_delong(labels, scores)
    assert found.estimates == pytest.approx(estimates, rel=1e-12)
    assert found.covariance == pytest.approx(covariance, rel=1e-10)


@pytest.mark.parametrize("decimals", [8, 1, 0])
def test_the_area_is_scikit_learns(decimals):
    labels, scores = cases(n=500, decimals=decimals, seed=1)

    for row in scores:
        assert auc(labels, row) == pytest.approx(roc_auc_score(labels, row), rel=1e-12)


def test_the_area_of_a_hand_made_example():
    # Of the six pairs four are right and one is tied.
    assert auc([1, 1, 0, 0, 0], [0.8, 0.4, 0.4, 0.1, 0.6]) == pytest.approx(4.5 / 6)


def test_the_area_is_the_exact_fraction_alone_and_among_others():
    labels, scores = cases(n=997, k=4, decimals=1, seed=5)

    found = delong(labels, scores).estimates.tolist()

    pairs_of_classes = int(labels.sum()) * int((~labels).sum())
    for area, row in zip(found, scores, strict=True):
        halves = sum(
            2 * int((one > row[~labels]).sum()) + int((one == row[~labels]).sum())
            for one in row[labels]
        )
        assert area == auc(labels, row) == halves / 2 / pairs_of_classes


def test_perfect_reversed_and_constant_scores():
    labels = [0, 0, 0, 1, 1]

    assert auc(labels, [1, 2, 3, 4, 5]) == 1.0
    assert auc(labels, [5, 4, 3, 2, 1]) == 0.0
    assert auc(labels, [7, 7, 7, 7, 7]) == 0.5


def test_infinite_scores_rank_as_the_largest():
    assert auc([0, 1, 1], [-np.inf, 0.0, np.inf]) == 1.0


def test_one_score_has_a_variance_of_its_own():
    labels, scores = cases()

    whole, alone = delong(labels, scores), delong(labels, scores[1])

    assert alone.estimates.tolist() == [whole.estimates[1]]
    assert alone.covariance[0, 0] == pytest.approx(whole.covariance[1, 1])


def test_equal_scores_leave_no_variance_between_them():
    labels, scores = cases(k=1)

    covariance = delong(labels, np.concatenate([scores, scores])).covariance

    assert covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1] == 0.0


def test_the_covariance_is_that_of_repeated_sampling():
    rng, areas, covariances = np.random.default_rng(2), [], []
    for _ in range(1500):
        labels, scores = cases(n=150, k=2, seed=rng.integers(2**32))
        found = delong(labels, scores)
        areas.append(found.estimates)
        covariances.append(found.covariance)

    assert np.mean(covariances, axis=0) == pytest.approx(np.cov(np.array(areas).T), rel=0.12)


def test_single_cases_as_clusters_change_nothing():
    labels, scores = cases()

    found = delong(labels, scores, clusters=np.random.default_rng(3).permutation(120))

    assert found.covariance == pytest.approx(delong(labels, scores).covariance, rel=1e-10)


def test_the_covariance_of_clusters_is_that_of_repeated_sampling():
    rng, areas, clustered, single = np.random.default_rng(40), [], [], []
    clusters = np.repeat(np.arange(60), 4)
    for _ in range(2000):
        common = rng.normal(size=60)[clusters]
        labels = common + rng.normal(size=240) > 0.5
        scores = np.stack([labels + common + rng.normal(size=240) for _ in range(2)])
        found = delong(labels, scores, clusters=clusters)
        areas.append(found.estimates)
        clustered.append(found.covariance)
        single.append(delong(labels, scores).covariance)

    expected = np.cov(np.array(areas).T)
    assert np.mean(clustered, axis=0) == pytest.approx(expected, abs=0.1 * expected[0, 0])
    assert np.mean(single, axis=0)[0, 1] < 0.8 * expected[0, 1]


@pytest.mark.parametrize("labels", [[0, 0, 0], [1, 1, 1]])
def test_one_class_alone_is_refused(labels):
    with pytest.raises(InputError) as refusal:
        auc(labels, [1, 2, 3])

    assert "at least one of each" in refusal.value.sentence("en")
    assert "양성" in refusal.value.sentence("ko")


def test_a_single_positive_case_has_no_variance():
    with pytest.raises(InputError) as refusal:
        delong([1, 0, 0, 0], [4, 3, 2, 1])

    assert "1 independent positives and 3 independent negatives" in refusal.value.sentence("en")


def test_a_single_cluster_with_positives_has_no_variance():
    with pytest.raises(InputError):
        delong([1, 1, 0, 0, 0], [4, 3, 2, 1, 5], clusters=np.array([0, 0, 0, 1, 2]))


def test_missing_scores_are_refused():
    with pytest.raises(InputError) as refusal:
        delong([1, 0, 1, 0], [[1, np.nan, 2, 3], [np.nan, np.nan, 2, 3]])

    assert "2 cases without a score" in refusal.value.sentence("en")


def test_scores_of_another_length_are_a_defect():
    with pytest.raises(ValueError, match="2 scores for 3 labels"):
        auc([0, 1, 1], [1, 2])

"""The sign-flip test agrees with enumeration and with SciPy."""

import numpy as np
import pytest
from scipy import stats

from madang.kernel.errors import InputError
from madang.kernel.stats import permutation
from madang.kernel.stats.permutation import sign_flip


def generator(seed=0):
    return np.random.default_rng(seed)


def test_by_hand():
    # |+-1 +-2 +-3| reaches 6 in two of eight arrangements, 4 in four of eight.
    assert sign_flip(np.array([1.0, 2.0, 3.0]), rng=generator()) == 0.25
    assert sign_flip(np.array([-1.0, 2.0, 3.0]), rng=generator()) == 0.5


@pytest.mark.parametrize("seed", range(4))
def test_few_cases_give_scipys_exact_value(seed):
    differences = generator(seed).normal(0.4, 1, size=11)
    judge = stats.permutation_test(
        (differences,),
        np.mean,
        permutation_type="samples",
        n_resamples=np.inf,
        alternative="two-sided",
    )

    # SciPy doubles the smaller tail, which is the same by symmetry.
    assert sign_flip(differences, rng=generator()) == pytest.approx(judge.pvalue, rel=1e-12)


def test_many_cases_give_the_exact_value_up_to_the_luck_of_the_draw(monkeypatch):
    differences = generator(5).normal(0.3, 1, size=14)
    exact = sign_flip(differences, rng=generator())
    monkeypatch.setattr(permutation, "_EXACT", 3)
    sampled = sign_flip(differences, rng=generator(6), count=40_000)

    assert 0.05 < exact < 0.9
    assert sampled == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 40_000))


def test_the_value_is_that_of_the_t_test_for_normal_differences():
    differences = generator(7).normal(0.15, 1, size=200)

    found = sign_flip(differences, rng=generator(8), count=40_000)

    assert found == pytest.approx(stats.ttest_1samp(differences, 0).pvalue, abs=0.01)


def test_the_sampled_value_is_never_zero():
    assert sign_flip(np.ones(100), rng=generator(), count=99) == 0.01


def test_no_difference_at_all_gives_one():
    assert sign_flip(np.zeros(50), rng=generator()) == 1.0


def test_cases_without_a_difference_do_not_matter():
    differences = np.array([0.3, -0.1, 0.2, 0.4, 0.7, 0.1])

    found = sign_flip(np.concatenate([differences, np.zeros(500)]), rng=generator())

    assert found == sign_flip(differences, rng=generator())


def test_equal_sums_count_as_reached_in_spite_of_rounding():
    # In tenths the sums tie; in binary some of the tied sums fall short of the observed.
    tenths = np.array([1.0, 8, -4, 6, 3, -9, -2, 7, 1])

    assert sign_flip(tenths / 10, rng=generator()) == sign_flip(tenths, rng=generator())


def test_a_cluster_changes_sign_as_a_whole():
    pieces = generator(9).normal(0.5, 1, size=9)

    repeated = sign_flip(
        np.repeat(pieces, 7), rng=generator(), clusters=np.repeat(np.arange(9), 7)
    )

    assert repeated == sign_flip(pieces, rng=generator())
    assert sign_flip(np.repeat(pieces, 7), rng=generator()) < repeated


def test_the_same_generator_gives_the_same_value_in_any_blocks(monkeypatch):
    differences = generator(10).normal(0.1, 1, size=64)
    whole = sign_flip(differences, rng=generator(11), count=500)
    monkeypatch.setattr(permutation, "_BLOCK", 1000)

    assert sign_flip(differences, rng=generator(11), count=500) == whole


def test_chance_alone_is_called_a_difference_in_five_of_a_hundred():
    rng = generator(12)
    called = sum(
        sign_flip(rng.integers(-1, 2, size=60).astype(float), rng=rng, count=199) <= 0.05
        for _ in range(600)
    )

    assert 10 < called <= 30 + 3 * np.sqrt(600 * 0.05 * 0.95)


@pytest.mark.parametrize("broken", [[], [1.0, np.nan], [np.inf, 1.0]])
def test_what_has_no_difference_is_refused(broken):
    with pytest.raises(InputError) as refusal:
        sign_flip(np.array(broken), rng=generator())

    assert f"{len(broken)} cases" in refusal.value.sentence("en")

"""Cases are grouped into what is drawn whole, and drawn within their strata."""

import numpy as np
import pytest

from madang.kernel.errors import InputError
from madang.kernel.stats import sampling
from madang.kernel.stats.sampling import drawn, units
from madang.kernel.words import speaking


def test_every_case_is_its_own_unit_without_clusters():
    grouped = units(8)

    assert grouped.of_case.tolist() == list(range(8))
    assert grouped.sizes.tolist() == [1] * 8
    assert grouped.degrees == 7


def test_units_are_ordered_by_stratum_and_each_stratum_costs_a_degree_of_freedom():
    grouped = units(8, strata=np.array(list("babababa")))

    assert grouped.strata.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert grouped.strata[grouped.of_case].tolist() == [1, 0, 1, 0, 1, 0, 1, 0]
    assert grouped.degrees == 6


def test_totals_add_up_over_the_cases_of_a_cluster():
    clusters = np.array([5, 5, 1, 2, 3, 4, 6, 5])
    values = np.array([[1.0, 2, 3, 4, 5, 6, 7, 8], [0, 1, 0, 0, 0, 0, 0, 0]])

    grouped = units(8, clusters=clusters)
    totals = grouped.totals(values)

    assert grouped.sizes[grouped.of_case].tolist() == [3, 3, 1, 1, 1, 1, 1, 3]
    assert totals[grouped.of_case[0]].tolist() == [11.0, 1.0]
    assert totals[grouped.of_case[2]].tolist() == [3.0, 0.0]


def test_totals_of_single_cases_follow_the_order_of_the_units():
    grouped = units(6, strata=np.array([1, 0, 1, 0, 1, 0]))
    values = np.arange(6.0)[None]

    assert grouped.totals(values)[grouped.of_case, 0].tolist() == values[0].tolist()


def test_each_stratum_keeps_its_number_of_units():
    strata = np.repeat([0, 1, 2], [3, 10, 40])
    grouped = units(53, strata=strata)

    counts = np.concatenate(list(drawn(grouped, count=200, rng=np.random.default_rng(1))))

    for stratum, members in enumerate([3, 10, 40]):
        assert (counts[:, grouped.strata == stratum].sum(axis=1) == members).all()


def test_each_unit_is_drawn_as_often_as_any_other():
    counts = np.concatenate(list(drawn(units(20), count=20_000, rng=np.random.default_rng(2))))

    # Binomial(20, 1/20): mean 1, variance 19/20; five standard errors of 20,000 draws.
    assert np.abs(counts.mean(axis=0) - 1).max() < 5 * np.sqrt(0.95 / 20_000)
    assert counts.var(axis=0) == pytest.approx(np.full(20, 0.95), rel=0.06)


def test_the_draws_do_not_depend_on_the_size_of_the_blocks(monkeypatch):
    grouped = units(31, strata=np.arange(31) % 3)
    whole = list(drawn(grouped, count=50, rng=np.random.default_rng(3)))
    monkeypatch.setattr(sampling, "_BLOCK", 100)
    pieces = list(drawn(grouped, count=50, rng=np.random.default_rng(3)))

    assert len(whole) == 1
    assert len(pieces) > 10
    assert np.array_equal(np.concatenate(pieces), whole[0])


@pytest.mark.parametrize("number", [0, 5])
def test_too_few_cases_are_refused_with_the_number_needed(number):
    with pytest.raises(InputError) as refusal, speaking("en"):
        units(number)

    assert refusal.value.sentence("en").startswith(f"Found {number} cases; expected at least 6")
    assert "6개 이상" in refusal.value.sentence("ko")


def test_many_cases_in_few_clusters_are_refused():
    with pytest.raises(InputError) as refusal:
        units(1000, clusters=np.arange(1000) % 5)

    assert "5 clusters" in refusal.value.sentence("en")


def test_a_stratum_of_one_unit_is_refused():
    with pytest.raises(InputError) as refusal:
        units(9, strata=np.array([0, 1, 1, 1, 1, 2, 2, 2, 3]))

    assert "2 strata of a single unit" in refusal.value.sentence("en")


def test_a_cluster_across_strata_is_refused():
    with pytest.raises(InputError) as refusal:
        units(
            8,
            strata=np.array([0, 0, 0, 0, 1, 1, 1, 1]),
            clusters=np.array([0, 1, 2, 3, 3, 4, 5, 6]),
        )

    assert "several strata" in refusal.value.sentence("en")


def test_labels_of_another_length_are_a_defect():
    with pytest.raises(ValueError, match="7 labels for 8 cases"):
        units(8, strata=np.zeros(7))

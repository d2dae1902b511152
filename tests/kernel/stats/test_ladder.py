"""The board tells of improvements, counts what it tells, and withstands those who ask too much."""

import dataclasses
import functools
import json

import numpy as np
import pytest

from bench import kernel_stats as boards
from madang.kernel.errors import InputError
from madang.kernel.stats.ladder import Ladder


def losses(wrong, n=1000):
    """0/1 losses with the first cases wrong."""
    return (np.arange(n) < wrong).astype(float)


class TestStep:
    @pytest.mark.parametrize(
        ("queries", "errors"), [(1, 3.0), (90, 3.0), (1000, 3.7169), (2000, 3.8990), (10**6, 4.0)]
    )
    def test_it_is_where_the_luckiest_question_lies_between_three_and_four(self, queries, errors):
        assert Ladder(queries=queries, cases=100).errors == pytest.approx(errors, abs=1e-4)

    def test_it_follows_the_standard_error_of_the_paired_difference(self):
        # 200 cases turn right: the standard deviation of the difference is .4002.
        release = Ladder(queries=1000, cases=1000).release(losses(500), losses(300))

        assert release.step == pytest.approx(
            3.7169 * np.std(losses(200), ddof=1) / np.sqrt(1000), rel=1e-4
        )
        assert release.improved

    def test_few_changed_cases_must_pass_the_floor(self):
        ladder = Ladder(queries=20, cases=1000)

        # Half of the cases are wrong: ten cases' worth of that is .005. By the paired error alone
        # nine cases that all turn right pass three standard errors.
        assert ladder.least_step(0.5) == 0.005
        assert not ladder.release(losses(1000), losses(990)).improved
        assert ladder.release(losses(1000), losses(989)).improved

    def test_a_certain_improvement_must_pass_the_floor_too(self):
        ladder = Ladder(queries=20, cases=1000, floor=0.02)

        assert not ladder.release(np.full(1000, 0.25), np.full(1000, 0.2301)).improved
        assert ladder.release(np.full(1000, 0.25), np.full(1000, 0.2299)).improved

    def test_the_usual_floor_is_ten_cases_of_the_loss_that_is_left(self):
        assert Ladder(queries=9, cases=400).least_step(0.2) == pytest.approx(0.005)
        assert Ladder(queries=9, cases=400, lowest=-1).least_step(-0.6) == pytest.approx(0.01)

    def test_no_floor_lies_below_what_the_digits_show(self):
        assert Ladder(queries=9, cases=10**6, unit=0.01).least_step(0.5) == 0.01
        assert Ladder(queries=9, cases=1000, floor=0.0).least_step(0.5) == 0.001

    def test_cases_that_depend_on_one_another_raise_it(self):
        before, after = losses(500), losses(440)
        alone = Ladder(queries=1000, cases=1000).release(before, after)

        together = Ladder(queries=1000, cases=1000).release(
            before, after, clusters=np.arange(1000) // 20
        )

        assert alone.improved
        assert together.step > 4 * alone.step
        assert not together.improved


class TestRelease:
    def test_a_solution_below_the_baseline_hears_of_no_score(self):
        release = Ladder(queries=20, cases=1000).release(losses(500), losses(520))

        assert (release.shown, release.improved, release.bits) == (None, False, 1.0)

    def test_an_improvement_is_shown_rounded(self):
        ladder = Ladder(queries=20, cases=1000, unit=0.05)

        assert ladder.release(losses(500), losses(273)).shown == 0.25
        assert (
            Ladder(queries=20, cases=700).release(losses(500, 700), losses(99, 700)).shown == 0.141
        )

    def test_what_does_not_improve_repeats_the_best_released_score(self):
        first = Ladder(queries=20, cases=1000).release(losses(500), losses(300))

        second = first.ladder.release(losses(300), losses(295))

        assert (second.shown, second.improved) == (0.3, False)
        assert second.ladder.best == 0.3

    def test_a_true_improvement_below_the_step_is_not_shown(self):
        # The price of the Ladder: 12 fewer wrong of 1,000, at the cost of 5 others.
        before = losses(300)
        after = losses(288)
        after[900:905] = 1

        assert not Ladder(queries=1000, cases=1000).release(before, after).improved

    def test_without_a_first_rung_the_first_score_is_shown(self):
        release = Ladder(queries=20, cases=1000).release(None, losses(700))

        assert (release.shown, release.improved, release.step) == (0.7, True, 0.0)

    def test_scores_that_are_no_mean_are_judged_by_a_given_error(self):
        ladder = Ladder(queries=1000, cases=500, lowest=-1, highest=0, floor=0.0)

        below = ladder.decide(-0.83, -0.80, 0.0081)
        above = ladder.decide(-0.83, -0.80, 0.0080)

        assert not below.improved
        assert (above.shown, above.improved) == (-0.83, True)
        assert above.step == pytest.approx(0.0297, abs=1e-4)

    def test_all_allowed_questions_and_no_more(self):
        ladder = Ladder(queries=2, cases=1000)
        for _ in range(2):
            ladder = ladder.release(losses(500), losses(500)).ladder

        with pytest.raises(InputError) as refusal:
            ladder.release(losses(500), losses(100))

        assert refusal.value.sentence("en").startswith(
            "Found 2 scores asked for; expected at most 2"
        )
        assert "채점 2회 이하" in refusal.value.sentence("ko")

    @pytest.mark.parametrize(
        ("given", "found"),
        [
            ({"score": 1.2}, "outside"),
            ({"score": -0.1}, "outside"),
            ({"score": np.nan}, "outside"),
            ({"score": 0.5, "best": 0.6, "standard_error": np.nan}, "outside"),
        ],
    )
    def test_a_score_outside_its_bounds_is_a_defect(self, given, found):
        with pytest.raises(ValueError, match=found):
            Ladder(queries=5, cases=100).decide(**given)

    def test_losses_of_other_cases_are_a_defect(self):
        with pytest.raises(ValueError, match="999 losses for 1000 cases"):
            Ladder(queries=5, cases=1000).release(losses(500), losses(300, 999))

    @pytest.mark.parametrize(
        "wrong", [{"queries": 0}, {"cases": 0}, {"unit": 0.0}, {"lowest": 1.0, "highest": 1.0}]
    )
    def test_a_board_that_makes_no_sense_is_a_defect(self, wrong):
        with pytest.raises(ValueError, match=r"positive|levels"):
            Ladder(**({"queries": 5, "cases": 100} | wrong))


class TestBits:
    def test_no_improvement_costs_one_bit(self):
        release = Ladder(queries=20, cases=1000).release(losses(500), losses(499))

        assert release.bits == release.ladder.bits == 1.0

    def test_an_improvement_costs_the_levels_it_could_have_shown(self):
        release = Ladder(queries=20, cases=1000, unit=0.05, floor=0.1).decide(0.3, 0.5, 0.001)

        # 0, .05 … .4: nine levels below .5 less the step, besides the bit that tells of it.
        assert release.bits == pytest.approx(1 + np.log2(9))

    def test_levels_are_counted_from_the_lowest_possible_loss(self):
        ladder = Ladder(queries=20, cases=1000, unit=0.05, floor=0.1, lowest=-1, highest=0)

        assert ladder.decide(-0.9, -0.5, 0.001).bits == pytest.approx(1 + np.log2(9))

    def test_a_first_score_costs_all_levels(self):
        assert Ladder(queries=20, cases=1000).release(None, losses(300)).bits == pytest.approx(
            np.log2(1001)
        )

    def test_they_add_up(self):
        ladder = Ladder(queries=20, cases=1000)
        spent = []
        best = losses(500)
        for wrong in (500, 300, 299, 100):
            release = ladder.release(best, losses(wrong))
            ladder, best = release.ladder, losses(wrong) if release.improved else best
            spent.append(release.bits)

        assert ladder.asked == 4
        assert ladder.bits == pytest.approx(sum(spent))
        assert [bits == 1.0 for bits in spent] == [True, False, True, False]

    def test_one_answer_can_be_told_in_the_counted_bits(self):
        # Kraft: "no improvement" and every level together need no more than the counted lengths.
        for best in (0.5, 0.02, 0.011):
            ladder = Ladder(queries=20, cases=1000)
            improved = ladder.decide(0.0, best, 0.0)

            levels = {
                ladder.decide(score, best, 0.0).shown
                for score in np.arange(0, best - improved.step, 1e-4)
            }
            assert 0.5 + len(levels) * 2**-improved.bits <= 1 + 1e-9


def test_the_state_survives_json():
    ladder = Ladder(queries=20, cases=1000).release(losses(500), losses(333)).ladder

    kept = json.loads(json.dumps(dataclasses.asdict(ladder)))

    assert Ladder(**kept) == ladder


class TestAttacks:
    """Coin-flip labels, 1,000 cases, 1,000 questions: every gain is fake."""

    @pytest.mark.parametrize(
        "attack",
        [
            boards.boost,
            *(functools.partial(boards.greedy, block=block) for block in boards.BLOCKS),
        ],
        ids=["boost", *(f"greedy {block}" for block in boards.BLOCKS)],
    )
    def test_nothing_is_gained_from_coin_flips(self, attack):
        lost = boards.reached(boards.LABEL_BOARDS["Ladder from the baseline"], attack, seeds=6)

        assert lost >= 0.47

    def test_a_bad_start_gains_nothing_either(self):
        board, errors, floor = boards.BRIER_BOARDS["Ladder from the baseline"]
        climb = functools.partial(boards.climb, errors=errors, floor=floor)

        assert boards.reached(board, climb, seeds=6) >= 0.47

    def test_the_attacks_do_win_where_they_are_known_to(self):
        # Else the tests above would prove nothing.
        raw, published = (
            boards.LABEL_BOARDS["raw score"],
            boards.LABEL_BOARDS["parameter-free Ladder"],
        )
        board, errors, floor = boards.BRIER_BOARDS["Ladder, first score shown, no floor"]

        assert boards.reached(raw, boards.boost, seeds=1) < 0.33
        assert boards.reached(published, functools.partial(boards.greedy, block=5), seeds=1) < 0.33
        climb = functools.partial(boards.climb, errors=errors, floor=floor)
        assert boards.reached(board, climb, seeds=1) < 0.42

"""Reliability of drawn papers, and how far verdicts can be trusted, against scipy."""

import math
import random
from collections.abc import Callable, Sequence
from statistics import correlation, mean, variance

import pytest
from scipy import integrate, stats

from ecs_training.reporting.rules.beta import (
    Beta,
    at_least,
    average,
    fit_four,
    fit_two,
)
from ecs_training.reporting.rules.consistency import (
    Verdicts,
    effective_length,
    judge_moments,
    judge_scores,
    true_moments,
)
from ecs_training.reporting.rules.reliability import (
    Paper,
    error_variance,
    is_near,
    kr21,
    sem_at,
    stratified,
)

OF, PASS_MARK = 50, 43
TOPICS = (
    6,
    4,
    3,
    4,
    3,
    9,
    5,
    4,
    3,
    6,
    3,
)  # questions a topic, as the blueprint has them


def papers(scores: Sequence[int]) -> list[Paper]:
    return [Paper(score=score, error=None) for score in scores]


def with_moments(average_score: float, sd: float) -> list[Paper]:
    """Two papers of which KR-21 sees the same mean and variance."""
    half = sd / 2**0.5
    scores = (average_score - half, average_score + half)
    return [Paper(score=score, error=None) for score in scores]  # type: ignore[arg-type]


def by_quadrature(
    a: float, b: float, low: float, high: float, *, of: int, least: int, deserves: float
) -> tuple[float, float, float, float]:
    """Passes, consistency, false passes and false fails, by scipy alone.

    Integrated over the rank of the true score, where the density is 1.
    """
    truth = stats.beta(a, b, loc=low, scale=high - low)
    at = truth.cdf(deserves)

    def passes(rank: float) -> float:
        return float(stats.binom.sf(least - 1, of, truth.ppf(rank)))

    def over(value: Callable[[float], float], begin: float, end: float) -> float:
        return float(integrate.quad(value, begin, end, epsabs=1e-11, limit=300)[0])

    return (
        over(passes, 0, at) + over(passes, at, 1),
        over(lambda u: passes(u) ** 2 + (1 - passes(u)) ** 2, 0, 1),
        over(passes, 0, at),
        over(lambda u: 1 - passes(u), at, 1),
    )


def figures(verdicts: Verdicts | None) -> tuple[float, float, float, float]:
    assert verdicts
    return (
        verdicts.passes,
        verdicts.consistency,
        verdicts.false_pass,
        verdicts.false_fail,
    )


def test_a_usual_cohort_has_the_figures_that_were_worked_out_for_it() -> None:
    """Mean 44, SD 4.5 of 50 and 43 to pass: reference/assessment.md §5."""
    reliability = kr21(with_moments(44, 4.5), of=OF)
    assert reliability == pytest.approx(0.75, abs=0.02)
    found = judge_moments(
        average_score=44,
        sd=4.5,
        of=OF,
        pass_mark=PASS_MARK,
        reliability=reliability or 0,
    )

    assert found
    assert found.consistency == pytest.approx(0.81, abs=0.02)
    assert found.accuracy == pytest.approx(0.86, abs=0.02)
    assert found.passes == pytest.approx(0.69, abs=0.02)
    assert (found.false_pass, found.false_fail) == pytest.approx(
        (0.083, 0.059), abs=0.005
    )
    # By quadrature in scipy, once:
    assert figures(found) == pytest.approx(
        (0.690181265, 0.809514086, 0.083103746, 0.058467350), abs=1e-6
    )


@pytest.mark.parametrize(
    ("average_score", "sd", "reliability"),
    [(45, 3, 0.51), (44, 4.5, 0.8), (38, 6, 0.85), (47.5, 2.2, 0.6), (30, 9, 0.9)],
)
def test_verdicts_from_two_moments_agree_with_quadrature(
    average_score: float, sd: float, reliability: float
) -> None:
    found = judge_moments(
        average_score=average_score,
        sd=sd,
        of=OF,
        pass_mark=PASS_MARK,
        reliability=reliability,
    )

    share, spread = average_score / OF, reliability * (sd / OF) ** 2
    size = share * (1 - share) / spread - 1
    length = (average_score * (OF - average_score) - reliability * sd**2) / (
        sd**2 * (1 - reliability)
    )
    questions = round(length)
    least = next(
        n for n in range(questions + 1) if n / questions >= (PASS_MARK - 0.5) / OF
    )
    assert found
    assert found.effective_length == pytest.approx(length)
    assert figures(found) == pytest.approx(
        by_quadrature(
            share * size,
            (1 - share) * size,
            0,
            1,
            of=questions,
            least=least,
            deserves=PASS_MARK / OF,
        ),
        abs=1e-6,
    )


def draw(seed: int, truth: Beta, people: int = 1500) -> list[int]:
    chance = random.Random(seed)
    scores = []
    for _ in range(people):
        knows = truth.low + truth.width * chance.betavariate(truth.a, truth.b)
        scores.append(sum(chance.random() < knows for _ in range(OF)))
    return scores


@pytest.mark.parametrize("seed", range(4))
def test_verdicts_from_four_moments_agree_with_quadrature(seed: int) -> None:
    scores = draw(seed, Beta(a=3, b=1.5, low=0.5, high=0.98))
    reliability = kr21(papers(scores), of=OF) or 0
    found = judge_scores(scores, of=OF, pass_mark=PASS_MARK, reliability=reliability)

    truth = fit_four(*true_moments(scores, of=OF, length=OF))
    assert found
    assert truth
    assert found.shapes == 4
    assert found.effective_length == pytest.approx(
        OF
    )  # KR-21 gives the test's own length
    expected = by_quadrature(
        truth.a, truth.b, truth.low, truth.high, of=OF, least=PASS_MARK, deserves=0.86
    )
    assert figures(found) == pytest.approx(expected, abs=1e-6)


def test_verdicts_foretell_a_second_paper_and_the_truth() -> None:
    """20,000 people whose knowledge we know write two papers of equal questions."""
    chance = random.Random(11)
    truth = Beta(a=12, b=2)
    knows = [chance.betavariate(truth.a, truth.b) for _ in range(20000)]
    first, second = (
        [sum(chance.random() < known for _ in range(OF)) for known in knows]
        for _ in range(2)
    )
    reliability = kr21(papers(first), of=OF) or 0
    found = judge_scores(first, of=OF, pass_mark=PASS_MARK, reliability=reliability)

    passed = [score >= PASS_MARK for score in first]
    same = mean(
        was == (score >= PASS_MARK) for was, score in zip(passed, second, strict=True)
    )
    deserved = mean(
        was == (known >= PASS_MARK / OF)
        for was, known in zip(passed, knows, strict=True)
    )
    assert found
    assert reliability == pytest.approx(correlation(first, second), abs=0.01)
    assert found.consistency == pytest.approx(same, abs=0.01)
    assert found.accuracy == pytest.approx(deserved, abs=0.01)
    assert found.passes == pytest.approx(mean(passed), abs=0.01)


def test_moments_that_no_stretched_beta_has_fall_back_to_two() -> None:
    scores = [20] * 3 + [46] * 40 + [48] * 60
    reliability = kr21(papers(scores), of=OF) or 0
    assert fit_four(*true_moments(scores, of=OF, length=OF)) is None

    found = judge_scores(scores, of=OF, pass_mark=PASS_MARK, reliability=reliability)
    assert found
    assert found.shapes == 2
    assert 0.5 < found.consistency <= 1
    assert 0 < found.accuracy <= 1


@pytest.mark.parametrize("reliability", [-0.2, 0, 1, 1.2])
def test_without_a_reliability_within_0_and_1_nothing_is_said(
    reliability: float,
) -> None:
    scores = draw(1, Beta(a=12, b=2), people=50)
    assert (
        judge_scores(scores, of=OF, pass_mark=PASS_MARK, reliability=reliability)
        is None
    )


@pytest.mark.parametrize("scores", [[44], [44, 44, 44], [0, 0], [50, 50]])
def test_without_spread_nothing_is_said(scores: list[int]) -> None:
    assert judge_scores(scores, of=OF, pass_mark=PASS_MARK, reliability=0.8) is None
    assert kr21(papers(scores), of=OF) is None


def test_a_paper_worth_less_than_a_question_says_nothing() -> None:
    assert (
        effective_length(average_score=1, spread=1, of=2, reliability=0.01) is not None
    )
    assert (
        effective_length(average_score=25, spread=700, of=OF, reliability=0.5) is None
    )


def test_kr21_is_the_intraclass_correlation_of_answers_drawn_for_each() -> None:
    """KR-21 = 1 - MSW/MSB of a one-way analysis, but for n against n - 1 in M and s²."""
    scores = draw(2, Beta(a=12, b=2), people=4000)
    within = mean(score * (OF - score) / OF for score in scores) / (OF - 1)
    between = variance(scores) / OF

    assert kr21(papers(scores), of=OF) == pytest.approx(1 - within / between, abs=0.001)


def test_one_question_has_no_reliability() -> None:
    assert kr21(papers([0, 1, 1]), of=1) is None
    assert error_variance([(1, 1)]) is None
    assert stratified([Paper(score=1, error=None), Paper(score=0, error=0.0)]) is None


def test_the_error_of_a_paper_is_the_sum_over_its_topics() -> None:
    assert error_variance([(3, 4), (2, 2), (0, 3)]) == pytest.approx(3 * 1 / 3)
    assert error_variance([(3, 4), (1, 3)]) == pytest.approx(3 / 3 + 2 / 2)


def test_topics_of_one_question_are_taken_together() -> None:
    assert error_variance([(1, 1), (0, 1), (3, 4)]) == pytest.approx(1 / 1 + 3 / 3)
    # One alone joins the smallest of the others: 3 of 4 and 2 of 3.
    assert error_variance([(1, 1), (2, 3), (2, 3)]) == pytest.approx(3 / 3 + 2 / 2)


def test_the_stratified_estimate_is_worked_out_by_hand() -> None:
    """Scores 6, 3, 3 of 4 + 3: mean 4, variance 3; error 1, 2 and 1, on average 4/3."""
    drawn = [[(3, 4), (3, 3)], [(2, 4), (1, 3)], [(3, 4), (0, 3)]]
    found = stratified(
        [
            Paper(score=sum(x for x, _ in topics), error=error_variance(topics))
            for topics in drawn
        ]
    )
    errors = [1, 4 / 3 + 1, 1]
    assert found == pytest.approx(1 - mean(errors) / 3)


def test_both_estimates_foretell_how_two_drawn_papers_go_together() -> None:
    """4,000 people write two papers each, drawn from a bank by topic; topics and questions
    differ in how hard they are. The stratified estimate must be right, and KR-21, which
    takes what differs between topics as error, too low."""
    chance = random.Random(23)
    easy = {n: [chance.gauss((n - 5) / 4, 0.7) for _ in range(60)] for n in range(11)}

    def write(ability: float) -> Paper:
        marks = []
        for topic, count in enumerate(TOPICS):
            asked = chance.sample(easy[topic], count)
            right = sum(
                chance.random() < 1 / (1 + math.exp(-ability - ease)) for ease in asked
            )
            marks.append((right, count))
        return Paper(score=sum(x for x, _ in marks), error=error_variance(marks))

    abilities = [chance.gauss(1.7, 0.8) for _ in range(4000)]
    first, second = ([write(ability) for ability in abilities] for _ in range(2))
    goes_together = correlation(
        [paper.score for paper in first], [paper.score for paper in second]
    )
    assert stratified(first) == pytest.approx(goes_together, abs=0.02)
    low = kr21(first, of=OF)
    assert low
    assert low < (stratified(first) or 0)


def test_the_error_at_the_pass_mark_is_two_and_a_half_marks() -> None:
    assert sem_at(43, of=50) == pytest.approx(2.4785, abs=5e-5)
    assert sem_at(50, of=50) == 0
    assert sem_at(0, of=1) == 0


@pytest.mark.parametrize(
    ("score", "near"), [(40, False), (41, True), (43, True), (45, True), (46, False)]
)
def test_near_the_cut_is_within_one_error(score: int, *, near: bool) -> None:
    assert is_near(score, pass_mark=43, of=50) is near


@pytest.mark.parametrize("chance", [0.0, 1e-300, 0.02, 0.5, 0.86, 0.999999, 1.0])
@pytest.mark.parametrize("of", [1, 7, 50, 400])
def test_the_chance_of_so_many_right_is_scipys(chance: float, of: int) -> None:
    for least in {-1, 0, 1, of // 2, of * 43 // 50, of - 1, of, of + 1}:
        expected = stats.binom.sf(least - 1, of, chance)
        assert at_least(least, of, chance) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    "beta",
    [
        Beta(a=2, b=3),
        Beta(a=20, b=2, low=0.2, high=0.95),
        Beta(a=0.4, b=0.3, low=0.25, high=1),
        Beta(a=5, b=5, low=0.1, high=0.9),
        Beta(a=1, b=4, low=0, high=0.7),
    ],
)
def test_a_beta_is_found_again_by_its_moments(beta: Beta) -> None:
    moments = stats.beta(beta.a, beta.b, loc=beta.low, scale=beta.width).stats("mvsk")
    middle, spread, skew, kurt = (float(moment) for moment in moments)
    found = fit_four(middle, spread, skew, kurt + 3)

    assert found
    assert (found.a, found.b, found.low, found.high) == pytest.approx(
        (beta.a, beta.b, beta.low, beta.high), rel=1e-6, abs=1e-9
    )


@pytest.mark.parametrize(
    ("middle", "spread", "skew", "kurt"),
    [
        (0.8, 0.0, 0, 3),  # no spread
        (1.0, 0.01, 0, 3),  # beyond the ends
        (0.8, 0.01, 0, 3.0),  # a normal distribution has no ends
        (0.8, 0.01, 0.5, 1.2),  # below the least kurtosis of any distribution
        (0.95, 0.02, -0.5, 2.2),  # would reach beyond 1
        (0.8, 0.01, 0, 1.01),  # all but two points: no density
    ],
)
def test_moments_of_no_beta_within_0_and_1_have_no_fit(
    middle: float, spread: float, skew: float, kurt: float
) -> None:
    assert fit_four(middle, spread, skew, kurt) is None


@pytest.mark.parametrize(
    ("middle", "spread"), [(0, 0.1), (1, 0.1), (0.5, 0), (0.5, 0.25)]
)
def test_two_moments_of_no_beta_have_no_fit(middle: float, spread: float) -> None:
    assert fit_two(middle, spread) is None


@pytest.mark.parametrize(
    "beta",
    [Beta(a=0.06, b=0.05), Beta(a=900, b=100), Beta(a=8, b=0.5, low=0.2, high=0.97)],
)
def test_means_over_a_beta_are_scipys(beta: Beta) -> None:
    truth = stats.beta(beta.a, beta.b, loc=beta.low, scale=beta.width)
    square, above = average(beta, lambda x: (x**2, float(x > 0.85)), breaks=[0.85])

    assert square == pytest.approx(truth.var() + truth.mean() ** 2, abs=1e-8)
    assert above == pytest.approx(truth.sf(0.85), abs=1e-8)

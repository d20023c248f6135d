"""Prints what SciPy says of the statistics of the visual Turing test, as in the tests of
crates/simgan-turing: exact binomial tests, and the beta-binomial estimate over subjects.

    python3 scripts/turing_statistics.py      (needs scipy)
"""

from scipy.optimize import brentq, minimize, minimize_scalar
from scipy.stats import betabinom, binom, binomtest, chi2

BINOMIAL = [(517, 1000), (162, 200), (3, 10), (50, 100), (0, 5), (610, 1000)]
SUBJECTS = [
    [(52, 100), (48, 100), (61, 100), (45, 100), (55, 100)],
    [(90, 100), (50, 100), (70, 100), (99, 100)],
    [(10, 20), (12, 20), (9, 20)],
]


def log_likelihood(subjects, mu, rho):
    if rho < 1e-9:
        return sum(binom.logpmf(k, n, mu) for k, n in subjects)
    a, b = mu * (1 - rho) / rho, (1 - mu) * (1 - rho) / rho
    return sum(betabinom.logpmf(k, n, a, b) for k, n in subjects)


def profile(subjects, mu):
    found = minimize_scalar(
        lambda r: -log_likelihood(subjects, mu, r),
        bounds=(1e-7, 0.99),
        method="bounded",
        options={"xatol": 1e-12},
    )
    return max(-found.fun, log_likelihood(subjects, mu, 0.0))


def over_subjects(subjects):
    best = max(
        (
            minimize(
                lambda x: -log_likelihood(subjects, x[0], x[1]),
                start,
                method="Nelder-Mead",
                bounds=[(1e-6, 1 - 1e-6), (0, 0.99)],
                options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 4000},
            )
            for start in ([0.5, 0.01], [0.7, 0.2])
        ),
        key=lambda found: -found.fun,
    )
    mu, rho = best.x
    level = -best.fun - chi2.ppf(0.95, 1) / 2
    edge = lambda m: profile(subjects, m) - level
    return mu, brentq(edge, 1e-6, mu), brentq(edge, mu, 1 - 1e-6), rho


for right, n in BINOMIAL:
    one = binomtest(right, n, alternative="greater").pvalue
    two = binomtest(right, n).pvalue
    low, high = binomtest(right, n).proportion_ci(method="wilson")
    print(f"binomial {right} of {n}: {one!r} {two!r}; Wilson {low!r} {high!r}")
for subjects in SUBJECTS:
    print(f"over subjects {subjects}: rate, interval, correlation {over_subjects(subjects)}")

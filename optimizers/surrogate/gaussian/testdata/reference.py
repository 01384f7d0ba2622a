"""Writes reference.json: what independent implementations say of the processes in the tests.

    python3 -m venv v && v/bin/pip install scikit-learn==1.9.1 && v/bin/python reference.py > reference.json
"""
import json

import numpy as np
from scipy.stats import yeojohnson, yeojohnson_llf
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

rng = np.random.default_rng(7)


def numeric():
    """scikit-learn's own process: scale * Matern 5/2 with a lengthscale per dimension, plus white noise."""
    x, new = rng.random((25, 3)), rng.random((6, 3))
    y = np.sin(5 * x[:, 0]) + x[:, 1] ** 2 + 0.05 * rng.standard_normal(25)
    scale, noise, lengths = 1.7, 0.003, [0.4, 0.9, 2.5]
    kernel = ConstantKernel(scale) * Matern(lengths, nu=2.5) + WhiteKernel(noise)
    gp = GaussianProcessRegressor(kernel, alpha=0, optimizer=None).fit(x, y)
    evidence, gradient = gp.log_marginal_likelihood(kernel.theta, eval_gradient=True)
    mean, sd = gp.predict(new, return_std=True)
    return dict(x=x.tolist(), y=y.tolist(), new=new.tolist(), scale=scale, noise=noise, lengthscales=lengths,
                mean=mean.tolist(), variance=(sd**2 - noise).tolist(), evidence=evidence,
                # theta is log scale, log lengthscales, log noise
                gradient=[gradient[0], gradient[4], *gradient[1:4]])


def matern(r2):
    q = np.sqrt(5 * r2)
    return (1 + q + q * q / 3) * np.exp(-q)


def mixed():
    """The kernel of the package's documentation, with numpy's solver: dimensions are numeric, categorical, numeric of
    group 1, categorical of group 1, numeric of group 2, basis. NaN is written as null."""
    scale, noise, intercept, lengths = 0.8, 0.01, 0.5, [0.5, 1.3, 0.7, 0.9, 0.4, 1]
    amplitudes, weight = [1.5, 0.6], 0.3

    def draw(n):
        x = rng.random((n, 6))
        x[:, 1] = (rng.integers(3, size=n) + 0.5) / 3
        x[:, 3] = (rng.integers(2, size=n) + 0.5) / 2
        x[x[:, 1] > 0.6, 2:4] = np.nan
        x[x[:, 1] < 0.4, 4] = np.nan
        return x

    def kernel(a, b):
        w = 1 / np.array(lengths) ** 2
        k = scale * matern(w[0] * (a[0] - b[0]) ** 2 + w[1] * (a[1] != b[1]))
        if not np.isnan(a[2]) and not np.isnan(b[2]):
            k *= 1 + amplitudes[0] * matern(w[2] * (a[2] - b[2]) ** 2 + w[3] * (a[3] != b[3]))
        if not np.isnan(a[4]) and not np.isnan(b[4]):
            k *= 1 + amplitudes[1] * matern(w[4] * (a[4] - b[4]) ** 2)
        return k + intercept + weight * a[5] * b[5]

    def gram(a, b):
        return np.array([[kernel(p, q) for q in b] for p in a])

    x, new = draw(30), draw(8)
    y = np.where(np.isnan(x[:, 2]), 1.0, x[:, 2]) - x[:, 0] + 2 * x[:, 5] + 0.1 * rng.standard_normal(30)
    k = gram(x, x) + noise * np.eye(30)
    across = gram(new, x)
    mean = across @ np.linalg.solve(k, y)
    variance = np.diag(gram(new, new)) - np.einsum("ij,ji->i", across, np.linalg.solve(k, across.T))
    evidence = -0.5 * y @ np.linalg.solve(k, y) - 0.5 * np.linalg.slogdet(k)[1] - 15 * np.log(2 * np.pi)

    def listed(a):
        return [[None if np.isnan(v) else v for v in row] for row in a]

    return dict(x=listed(x), y=y.tolist(), new=listed(new), scale=scale, noise=noise, intercept=intercept,
                lengthscales=lengths, amplitudes=amplitudes, weights=[weight], mean=mean.tolist(),
                variance=variance.tolist(), evidence=evidence)


def power():
    y = [-3.0, -1.0, -0.5, 0.0, 0.25, 1.0, 4.0, 30.0]
    powers = [-2.0, -0.5, 0.0, 0.7, 1.0, 1.6, 2.0]
    tail = np.expm1(rng.standard_normal(200) * 0.8)
    grid = np.linspace(-2, 2, 40001)
    best = grid[np.argmax([yeojohnson_llf(p, tail) for p in grid])]
    return dict(y=y, powers=powers, transformed=[yeojohnson(np.array(y), p).tolist() for p in powers],
                tail=tail.tolist(), likeliest=best)


print(json.dumps(dict(numeric=numeric(), mixed=mixed(), power=power())))

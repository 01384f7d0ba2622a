"""The evaluator ``sklearn``: pipelines of scikit-learn, LightGBM and XGBoost on staged tables, by cross-validation.

Run as ``python -m metaml.evaluators.sklearn``. What it searches is in classification.json and regression.json.

The way of a trial: :mod:`.worker` takes the configuration; for every fold, :mod:`.preparation` fits imputation,
encoding, scaling and reduction on the training rows only; a learner of :mod:`.learners` is fitted at once, or in
growing numbers of iterations (:mod:`.growth`); :mod:`.measuring` scores it on validation rows and on the outer test
rows, which no step of fitting or choosing sees.

The way of a model: :mod:`.refit` has :mod:`.fitting` fit a configuration on all rows, and :mod:`.saving` writes what is
fitted as plain data and other packages' estimators, with :mod:`.predict`, the script that needs no metaml.
"""

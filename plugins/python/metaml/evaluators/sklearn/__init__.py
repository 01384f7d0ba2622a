"""The evaluator ``sklearn``: pipelines of scikit-learn, LightGBM and XGBoost on staged tables, by cross-validation.

Run as ``python -m metaml.evaluators.sklearn``. What it searches is in classification.json and regression.json.

The way of a trial: :mod:`.worker` takes the configuration apart; for every fold, :mod:`.preparation` fits imputation,
encoding, scaling and feature selection on the training rows only; a learner of :mod:`.learners` is fitted, in one go
(:mod:`.single`) or over growing numbers of iterations (:mod:`.staged`); :mod:`.scoring` measures it on validation rows
and on the outer test rows, which no step of fitting or choosing sees.
"""

"""Ask FLAML's zero-shot recommender for its LightGBM and XGBoost configurations for FILE. Usage: flaml_suggest.py FILE"""

import sys
import time

START = time.process_time()

import pandas as pd
from flaml import default

table = pd.read_csv(sys.argv[1])
features, target = table.drop(columns="target"), table["target"].astype("category").cat.codes
configurations = default.suggest_config("classification", features, target, "lgbm", k=5)
for number, configuration in enumerate(configurations, start=1):
    print(number, configuration.get("hyperparameters", configuration))
print(f"cpu {time.process_time() - START:.2f} s in this process", file=sys.stderr)

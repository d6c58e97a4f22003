"""The stages of the selling company's deals, and what follows from each.

Read by everything that writes opportunities or their history.
"""

# stage: probability, closed, won, forecast category and its name
STAGES: dict[str, tuple[int, int, int, str, str]] = {
    "初回訪問": (10, 0, 0, "Pipeline", "Pipeline"),
    "ヒアリング": (20, 0, 0, "Pipeline", "Pipeline"),
    "提案": (40, 0, 0, "BestCase", "Best Case"),
    "見積提示": (60, 0, 0, "BestCase", "Best Case"),
    "稟議中": (80, 0, 0, "Forecast", "Commit"),
    "受注": (100, 1, 1, "Closed", "Closed"),
    "失注": (0, 1, 0, "Omitted", "Omitted"),
}
OPEN_STAGES = tuple(stage for stage, facts in STAGES.items() if not facts[1])

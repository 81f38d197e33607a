"""Finding damage and repairing it: verify, clean up, repair the lake, rebuild everything from the lake.

Works on a data folder as a person asks for it; what each file means belongs to `lake`, `warehouse` and `publish`.
Erasing what a platform took back belongs to `comply`.
"""

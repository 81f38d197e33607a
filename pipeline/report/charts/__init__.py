"""Charts as Vega-Lite specifications: shapes and scales only. Colours are names; `theme` gives them values."""

"""The charts, each a pure function from runs to a figure: JSON that Plotly draws in the page."""

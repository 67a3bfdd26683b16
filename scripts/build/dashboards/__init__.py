"""Makes the dashboards of `monitoring/performance` of the list of exported metrics."""

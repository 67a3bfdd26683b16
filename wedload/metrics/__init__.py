"""What was seen: histograms, cells, snapshots and the summary; all of it mergeable."""

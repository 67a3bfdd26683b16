"""Where engines run, and the processes of a run."""

"""Whether `wedload compare` decides rightly: on pairs of runs where the truth is known."""

"""Where engines run, and the processes of a run."""

import sys

from wedload.fleet.collecting import begin_collecting_seldom

if sys.argv[:1] == ["-m"]:  # until Python has found the module of a process that it starts with
    begin_collecting_seldom()

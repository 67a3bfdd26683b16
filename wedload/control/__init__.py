"""Control of runs that are under way: a socket for each, which `wedload ctl` talks to.

One request and one answer a connection, each a JSON object in a line. It does not know what a
request means: see wedload.run.steering.
"""

"""The one place that builds real objects from settings; everything else gets them as arguments.

There is a module for each kind of process, which imports only what that kind needs: so the command line starts in
half the time.
"""

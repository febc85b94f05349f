"""The one place that builds real objects from settings; everything else gets them as arguments.

A module for each kind of process imports what that one needs: the command line starts in half the time so.
"""

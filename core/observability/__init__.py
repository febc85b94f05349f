"""Logs, metrics, and the correlation id that links browser, worker and model call."""

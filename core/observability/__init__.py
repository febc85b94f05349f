"""What the product says of itself: logs, metrics, and the id that joins browser, worker and model call."""

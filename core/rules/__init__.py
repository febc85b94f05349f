"""The deterministic reviewer's room. Its patterns take half a second to compile: import what is needed of it."""

"""The shared limits: one pure decision over one small document, and the stores that hold it."""

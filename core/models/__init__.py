"""The models that may be called: a registry that is data, and what follows from a model's abilities."""

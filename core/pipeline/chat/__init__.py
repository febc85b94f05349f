"""Questions about a document: what a model reads, what it answers, and where its citations stand."""

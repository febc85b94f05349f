"""A team's own checklist, as its file says it."""

TOML = """
id = "ward"
name = "Ward incidents"
[[points]]
number = 1
name = "Harm"
intent = "See it"
good = "Named"
gaps = ["Left out"]
questions = ["Who was hurt?"]
"""

"""The figures of /stats: counted where things happen, added up over processes and days, never estimated."""

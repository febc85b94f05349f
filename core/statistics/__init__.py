"""What /stats says: counted where it happens, added up over processes and days, never estimated."""

"""The models of parts, a file for each kind of part, found by themselves; other packages add theirs by an entry point."""

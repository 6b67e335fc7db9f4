"""How the tables of an earlier covolt become those of today."""

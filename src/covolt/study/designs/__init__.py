"""Designs: vehicles that owners leave open, how they are sampled and judged, and the studies of them on disk."""

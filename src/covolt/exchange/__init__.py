"""Parts that are not covolt's own: models in the forms in which others bring them, run apart, joined, hosted and given away."""

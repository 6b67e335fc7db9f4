"""The procedures: recipes of regulations and customers, one module a family."""

"""How foreign code is kept apart on Linux: namespaces, a root of its own, a filter of kernel calls, bounds; needs no numerics.

Modules here run in the launcher and in the worker before any foreign code is there, on the standard library alone.
"""

"""The own compiler: traced physics as machine code of this processor. Import each from its own module."""

"""The language of expressions and of `${…}`: read once, compiled to Python closures."""

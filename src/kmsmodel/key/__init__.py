"""One KMS key: what it is made of, and what is told of it."""

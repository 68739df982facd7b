"""One KMS key: what it is made of, and what AWS KMS says about it."""

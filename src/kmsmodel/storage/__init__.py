"""How what AWS KMS remembers is kept."""

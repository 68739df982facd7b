"""What AWS KMS remembers."""

"""The external key store proxy API over HTTP: AWS KMS's side of it, and a small proxy to test against."""

"""The HSM as AWS KMS sees it: the port, and what it seals."""

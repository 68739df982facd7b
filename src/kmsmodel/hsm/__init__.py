"""The HSM as AWS KMS sees it: the port, and what is sealed by it."""

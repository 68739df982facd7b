"""Who calls, for which KMS key, whether they may use it, and whether it can be used now."""

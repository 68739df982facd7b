"""Who calls, which KMS key, may they use it, and can it be used now."""

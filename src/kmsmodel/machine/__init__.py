"""What moves a KMS key, and what each key state permits."""

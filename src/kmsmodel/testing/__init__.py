"""What a test of an AWS KMS client needs, and AWS KMS itself does not make."""

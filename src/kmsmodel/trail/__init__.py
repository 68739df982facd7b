"""What AWS KMS did: which KMS keys a request touches, and what CloudTrail and EventBridge tell of it."""

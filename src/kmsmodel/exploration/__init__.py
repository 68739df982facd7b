"""Every combination of facts that a KMS key can reach; tables and pictures are printed from them."""

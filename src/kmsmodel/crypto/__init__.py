"""HSMs in software, on pyca/cryptography."""

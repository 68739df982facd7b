"""AWS STS, as far as a client needs it to act as a role."""

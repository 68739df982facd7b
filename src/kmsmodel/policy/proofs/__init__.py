"""Properties of key policies: what is true of all requests, proved or refuted by a request."""

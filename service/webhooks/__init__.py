"""Standard Webhooks, both ways: what sites send us is verified, what we send them is signed and sent safely."""

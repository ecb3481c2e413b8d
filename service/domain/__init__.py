"""What moderation is: comments, policies, decisions. Pure Python."""

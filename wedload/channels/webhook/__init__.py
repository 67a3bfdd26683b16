"""The ear for webhooks: a receiver that checks signatures and answers as the plan says."""

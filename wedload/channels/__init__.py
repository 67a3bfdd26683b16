"""Long-lived ears: webhook receiver, realtime subscribers, correlation of trigger and arrival."""

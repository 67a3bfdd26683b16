"""What can be said of figures, and how surely: pure functions over numbers; knows no metric."""

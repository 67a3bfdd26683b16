"""What will happen: schedules, phases and compiled workflows; pure."""

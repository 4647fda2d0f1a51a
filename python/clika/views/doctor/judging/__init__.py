"""What the facts mean: functions of facts alone, which look at nothing."""

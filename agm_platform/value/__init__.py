"""Who will buy again and what that is worth: models fitted by likelihood, judged before shown."""

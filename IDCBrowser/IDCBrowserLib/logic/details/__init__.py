"""What is known of the row that is looked at."""

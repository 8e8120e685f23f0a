"""What is true: rules, rows, the only SQL, and the published catalogue kept in memory."""

"""The SQL of migrations and what it means."""

"""The SQL of database migrations, and what it means for a rollback.

Rule: pure, as all of the domain; PostgreSQL's own parser reads the statements, and only `parsing` knows it.
"""

"""Tests of importing a platform's export."""

"""How ./dev test runs and judges tests."""

"""The exercise of the cut: a practice on three machines that do not hear each other for 30 days, and what is left of it afterwards."""

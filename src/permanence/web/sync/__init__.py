"""Screens of the practice's machines: what is to be settled, who they are, what a return brought back."""

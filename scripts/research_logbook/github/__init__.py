"""GitHub's API: who we are to it, what is asked and written, and what its refusals mean."""

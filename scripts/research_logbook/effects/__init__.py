"""Effects as values, the guard that each text passes before it is published, and what carries them out."""

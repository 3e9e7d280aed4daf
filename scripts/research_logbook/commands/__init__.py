"""The commands: each a short pipeline of gather, parse, judge or plan, apply."""

"""Commands of the command line that have a file of their own; ``rag.cli`` has the others and the way in."""

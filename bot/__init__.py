"""The Rasa runtime's own parts: the turn's channel, the store that keeps nothing, the second net, and silence in logs."""

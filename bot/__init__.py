"""The Rasa runtime's own parts: the turn's channel, a store that keeps nothing, the second net, silence in logs."""

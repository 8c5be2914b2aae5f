"""How the model of screening is learnt from the sentences beside this file. It never runs while messages are read."""

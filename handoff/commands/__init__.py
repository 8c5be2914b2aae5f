"""The commands of `frontdoor`, one subject a file; `cli.py` names them."""

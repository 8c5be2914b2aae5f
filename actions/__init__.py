"""The actions: each says with a command what handoff should do, and leaves a receipt that it ran.

By topic: `facts` (answers and what is kept), `risk`, `routing` (who is needed), `signposting`, `questions`.
The words said with them are in domain.yml; which words, and when, is in data/rules.
"""

"""EvoKD's conversations (arXiv 2403.06414): what a writer is shown, and what models reply.

choose        the rows that a conversation shows
conversation  the messages, and the rules that play the models offline
replies       the parsers of replies
"""

"""`alltobit mcp`: answers to language models, over the Model Context Protocol. Changes nothing.

`process` runs it; `door` lets in whoever has the token; `server` speaks the protocol and gives each
question to its tool; `follow` keeps the picture that most are answered from.
"""

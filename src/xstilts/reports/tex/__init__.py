"""LaTeX: text that prints as it is in every script, tables, figures as PDF, and the call of LuaLaTeX."""

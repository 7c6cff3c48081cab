"""The browser chat, in Streamlit. ``frame.show`` draws it; nothing here is public.

Text of reports and models reaches the browser in two ways only: as plain text, or as Markdown that ``plain`` escaped.
"""

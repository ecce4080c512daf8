"""The notebook a researcher lives in: look, decide, and take what was found into a batch.

    explorer = gb.Explorer(gb.Study("data"))
    explorer                    # choose reports, type a term, correct a theme, verify a figure
    explorer.export()           # what is on the screen → a bundle and a line for `gongbao render`

`choice` holds what is chosen and `material` says which rows follow from it: tables in, tables out.
`lazy` cuts a table of any length into pages, `widgets` and `panels` put them on the screen, and
`export` writes what is seen. Nothing here is loaded before it is used.
"""

__all__ = ["explorer", "export"]
